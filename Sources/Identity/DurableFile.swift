internal import CChecksum
internal import Glibc

/// A small file that is always whole: written under another name, synced, renamed, and the directory synced. Its content
/// stands behind eight bytes that name its kind and a CRC-32C. All calls block.
struct DurableFile {
    static let maximumBytes = 1 << 20
    private static let headBytes = 12

    let path: String
    /// Eight ASCII characters.
    let magic: String

    init(path: String, magic: String) {
        precondition(magic.utf8.count == 8, "a file's kind is named by eight bytes")
        self.path = path
        self.magic = magic
    }

    /// The new content is durable when this returns; a crash leaves the old or the new.
    func write(_ content: [UInt8]) throws(IdentityError) {
        precondition(content.count <= Self.maximumBytes, "the file stays small")
        let checksum = Self.checksum(content)
        var bytes = Array(magic.utf8)
        for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: checksum >> shift)) }
        let temporary = path + ".new"
        try Self.create(temporary, bytes + content)
        guard rename(temporary, path) == 0 else { throw Self.failure(path, "rename") }
        try Self.syncDirectory(of: path)
    }

    /// nil if there is no such file.
    func read() throws(IdentityError) -> [UInt8]? {
        guard let bytes = try Self.contents(of: path) else { return nil }
        guard bytes.count >= Self.headBytes, bytes.prefix(8).elementsEqual(magic.utf8) else {
            throw .damaged(path: path, reason: "it does not begin with \(magic)")
        }
        let content = Array(bytes[Self.headBytes...])
        let stored = bytes[8..<12].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard stored == Self.checksum(content) else { throw .damaged(path: path, reason: "its checksum is wrong") }
        return content
    }

    private static func checksum(_ content: [UInt8]) -> UInt32 {
        content.withUnsafeBytes { bytes in
            bytes.baseAddress.map { redoubt_crc32c(0, $0, bytes.count) } ?? 0
        }
    }

    // MARK: System calls

    static func contents(of path: String) throws(IdentityError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure(path, "open")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, "read") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= 4 * maximumBytes else { throw .damaged(path: path, reason: "it is too long") }
        }
    }

    static func create(_ path: String, _ bytes: [UInt8]) throws(IdentityError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path, "create") }
        defer { close(descriptor) }
        try write(bytes, to: descriptor, path)
        guard fsync(descriptor) == 0 else { throw failure(path, "fsync") }
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(IdentityError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + done, $0.count - done) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path, "write") }
            done += count
        }
    }

    static func syncDirectory(of path: String) throws(IdentityError) {
        let cut = path.lastIndex(of: "/")
        let directory = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(directory, "open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(directory, "fsync") }
    }

    static func failure(_ path: String, _ operation: String) -> IdentityError {
        .system(path: path, operation: operation, reason: String(cString: strerror(errno)))
    }
}
