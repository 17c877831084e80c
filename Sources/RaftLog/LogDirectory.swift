internal import Glibc

/// The directory of one log: its lock and the names in it. Every change of a name is durable when the call returns.
final class LogDirectory: SegmentStore {
    let path: String
    private let descriptor: Int32
    private let lock: Int32
    private let calls: DiskCalls

    private static let suffix = ".segment"
    private static let temporarySuffix = ".segment.new"

    /// Creates the directory if need be, and locks it.
    init(path: String, calls: DiskCalls) throws(RaftLogError) {
        self.path = path
        self.calls = calls
        if mkdir(path, 0o700) == 0 {
            try Self.syncParent(of: path)
        } else if errno != EEXIST {
            throw .system(call: "mkdir", file: path, code: errno)
        }
        let directory = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .system(call: "open", file: path, code: errno) }
        let lock = openat(directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            let code = errno
            close(directory)
            throw .system(call: "open", file: path + "/lock", code: code)
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(lock)
            close(directory)
            throw code == EWOULDBLOCK
                ? .locked(directory: path) : .system(call: "flock", file: path + "/lock", code: code)
        }
        self.descriptor = directory
        self.lock = lock
    }

    deinit {
        close(lock)
        close(descriptor)
    }

    /// Lets another process open the directory; nothing may be written after it.
    func releaseLock() { flock(lock, LOCK_UN) }

    /// Sequence numbers of the segments, ascending. Files that never got their name are removed.
    func segmentSequences() throws(RaftLogError) -> [UInt64] {
        guard let stream = opendir(path) else { throw .system(call: "opendir", file: path, code: errno) }
        defer { closedir(stream) }
        var sequences: [UInt64] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw .system(call: "readdir", file: path, code: errno) }
                break
            }
            let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(Self.temporarySuffix) {
                guard unlinkat(descriptor, name, 0) == 0 else {
                    throw .system(call: "unlink", file: path + "/" + name, code: errno)
                }
            } else if name.hasSuffix(Self.suffix), let sequence = UInt64(name.dropLast(Self.suffix.count)),
                Self.name(of: sequence) == name
            {
                sequences.append(sequence)
            }
        }
        return sequences.sorted()
    }

    func openSegment(_ sequence: UInt64) throws(RaftLogError) -> SegmentFile {
        let file = path(of: sequence)
        let descriptor = openat(self.descriptor, Self.name(of: sequence), O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(call: "open", file: file, code: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw .system(call: "stat", file: file, code: code)
        }
        return SegmentFile(
            sequence: sequence, path: file, byteCount: Int(status.st_size), descriptor: descriptor, calls: calls)
    }

    /// A new segment full of zeros behind `block`, with durable content and name. It bears a temporary name until its
    /// content is durable, so a segment that is found later is never half made.
    func createSegment(_ sequence: UInt64, byteCount: Int, block: [UInt8]?) throws(RaftLogError) -> SegmentFile {
        let name = Self.name(of: sequence)
        let temporary = String(name.dropLast(Self.suffix.count)) + Self.temporarySuffix
        let descriptor = openat(self.descriptor, temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(call: "create", file: path + "/" + temporary, code: errno) }
        let file = SegmentFile(
            sequence: sequence, path: path(of: sequence), byteCount: byteCount, descriptor: descriptor, calls: calls)
        do throws(RaftLogError) {
            try file.allocate(byteCount)
            try file.writeZeros(0..<byteCount)
            if let block { try file.write(block, at: 0) }
            try file.sync()
        } catch {
            // What a full disk gave of it would only make the disk fuller.
            unlinkat(self.descriptor, temporary, 0)
            throw error
        }
        guard renameat(self.descriptor, temporary, self.descriptor, name) == 0 else {
            throw .system(call: "rename", file: path + "/" + temporary, code: errno)
        }
        try sync()
        return file
    }

    /// The name is gone durably when this returns, so segments removed in order never leave a gap.
    func removeSegment(_ sequence: UInt64) throws(RaftLogError) {
        guard unlinkat(descriptor, Self.name(of: sequence), 0) == 0 || errno == ENOENT else {
            throw .system(call: "unlink", file: path(of: sequence), code: errno)
        }
        try sync()
    }

    func sync() throws(RaftLogError) {
        guard fsync(descriptor) == 0 else { throw .system(call: "fsync", file: path, code: errno) }
    }

    func path(of sequence: UInt64) -> String { path + "/" + Self.name(of: sequence) }

    private static func name(of sequence: UInt64) -> String {
        let digits = String(sequence)
        return String(repeating: "0", count: 20 - digits.count) + digits + suffix
    }

    private static func syncParent(of path: String) throws(RaftLogError) {
        let parent = Glibc.open(path + "/..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw .system(call: "open", file: path + "/..", code: errno) }
        defer { close(parent) }
        guard fsync(parent) == 0 else { throw .system(call: "fsync", file: path + "/..", code: errno) }
    }
}
