import Glibc
import Threads

/// The system calls of checkpoints. All block.
enum CheckpointFile {
    /// What is encoded, read or written at once.
    static let pieceBytes = 1 << 20

    /// Writes the pieces that `content` gives to `temporary`, makes them durable, and only then gives the file its name.
    ///
    /// A whole piece goes to the disk before the next: one flush of all at the end would hold up the log's.
    static func write(
        to path: String, temporary: String, pace: Pace,
        content: ((UnsafeRawBufferPointer) throws(CheckpointError) -> Void) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(temporary, "create") }
        do throws(CheckpointError) {
            try content { piece throws(CheckpointError) in
                try write(piece, descriptor, temporary)
                guard piece.count < pieceBytes || fdatasync(descriptor) == 0 else {
                    throw failure(temporary, "fdatasync")
                }
                pace.spend(piece.count)
            }
            guard fsync(descriptor) == 0 else { throw failure(temporary, "fsync") }
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        close(descriptor)
        guard rename(temporary, path) == 0 else { throw failure(path, "rename") }
    }

    /// Makes names in a directory durable.
    static func synchronizeDirectory(_ directory: String) throws(CheckpointError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(directory, "open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(directory, "fsync") }
    }

    static func read(_ path: String, pace: Pace) throws(CheckpointError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "open") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, "stat") }
        var failed: CheckpointError?
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, filled in
            while filled < buffer.count {
                let count = Glibc.read(
                    descriptor, buffer.baseAddress! + filled, min(pieceBytes, buffer.count - filled))
                if count < 0, errno == EINTR { continue }
                if count < 0 { failed = failure(path, "read") }
                if count <= 0 { break }
                filled += count
                pace.spend(count)
            }
        }
        if let failed { throw failed }
        return bytes
    }

    static func remove(_ path: String) throws(CheckpointError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure(path, "delete") }
    }

    static func names(in directory: String) throws(CheckpointError) -> [String] {
        guard let stream = opendir(directory) else { throw failure(directory, "list") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name)!
            let name = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            names.append(String(cString: name))
        }
        return names
    }

    private static func write(
        _ piece: UnsafeRawBufferPointer, _ descriptor: Int32, _ path: String
    ) throws(CheckpointError) {
        var done = 0
        while done < piece.count {
            let count = Glibc.write(descriptor, piece.baseAddress! + done, piece.count - done)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, "write") }
            done += count
        }
    }

    private static func failure(_ path: String, _ operation: String) -> CheckpointError {
        .system(path: path, operation: operation, reason: String(cString: strerror(errno)))
    }
}
