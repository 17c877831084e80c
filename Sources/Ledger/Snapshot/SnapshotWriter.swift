import Bytes
internal import CChecksum
import Glibc
import Security
import Threads

/// Writes a snapshot file block by block, with one block in memory. Confined to one thread.
///
/// The file has a temporary name until it is whole and durable; one that is not finished is deleted.
final class SnapshotWriter {
    static let temporarySuffix = ".tmp"
    /// What has been written goes to the disk in turns: one flush of all at the end would hold up the log's.
    private static let bytesPerFlush = 4 << 20

    private let path: String
    private let descriptor: Int32
    private let pace: Pace
    private let digest = SHA256Stream()
    private var section = SnapshotBlock.Section.header
    /// Room for the head, then the content so far.
    private var block: [UInt8]
    private var unflushedBytes = 0
    private var isFinished = false
    private(set) var byteCount = 0

    init(path: String, pace: Pace) throws(LedgerSnapshotError) {
        self.path = path
        self.pace = pace
        block = []
        block.reserveCapacity(SnapshotBlock.headBytes + SnapshotBlock.contentLimit)
        let temporary = path + Self.temporarySuffix
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .lastSystemError(temporary, "create") }
        var prefix = ByteWriter(reservingCapacity: SnapshotBlock.prefixBytes)
        prefix.append(SnapshotBlock.magic)
        prefix.write(SnapshotBlock.version)
        digest.update(prefix.bytes)
        try write(prefix.bytes)
        beginBlock()
    }

    deinit {
        close(descriptor)
        if !isFinished { unlink(path + Self.temporarySuffix) }
    }

    /// Adds to a section: the one of the call before or a later one.
    func append(_ bytes: UnsafeRawBufferPointer, to next: SnapshotBlock.Section) throws(LedgerSnapshotError) {
        if next != section { try endBlock() }
        section = next
        var rest = bytes
        while !rest.isEmpty {
            let room = SnapshotBlock.headBytes + SnapshotBlock.contentLimit - block.count
            block.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest.prefix(room)))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(room))
            if block.count == SnapshotBlock.headBytes + SnapshotBlock.contentLimit { try endBlock() }
        }
    }

    func append(_ bytes: [UInt8], to next: SnapshotBlock.Section) throws(LedgerSnapshotError) {
        try bytes.withUnsafeBufferPointer { bytes throws(LedgerSnapshotError) in
            try append(UnsafeRawBufferPointer(bytes), to: next)
        }
    }

    /// Writes the end, makes the file durable and gives it its name.
    func finish() throws(LedgerSnapshotError) {
        try endBlock()
        try append(digest.finish().bytes, to: .end)
        try endBlock()
        let temporary = path + Self.temporarySuffix
        guard fsync(descriptor) == 0 else { throw .lastSystemError(temporary, "fsync") }
        guard rename(temporary, path) == 0 else { throw .lastSystemError(path, "rename") }
        isFinished = true
        do throws(CheckpointError) {
            try CheckpointFile.synchronizeDirectory(Self.directory(of: path))
        } catch {
            throw LedgerSnapshotError(error)
        }
    }

    private func beginBlock() {
        block.removeAll(keepingCapacity: true)
        block.append(contentsOf: repeatElement(0, count: SnapshotBlock.headBytes))
    }

    private func endBlock() throws(LedgerSnapshotError) {
        let contentBytes = block.count - SnapshotBlock.headBytes
        guard contentBytes > 0 else { return }
        let section = section.rawValue
        block.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: UInt32(contentBytes).littleEndian, as: UInt32.self)
            bytes[4] = section
            let checksum = SnapshotBlock.checksum(UnsafeRawBufferPointer(bytes))
            bytes.storeBytes(of: checksum.littleEndian, toByteOffset: 8, as: UInt32.self)
        }
        if self.section != .end { digest.update(block) }
        try write(block)
        beginBlock()
    }

    private func write(_ bytes: [UInt8]) throws(LedgerSnapshotError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + done, $0.count - done) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .lastSystemError(path + Self.temporarySuffix, "write") }
            done += count
        }
        pace.spend(bytes.count)
        byteCount += bytes.count
        unflushedBytes += bytes.count
        guard unflushedBytes >= Self.bytesPerFlush else { return }
        guard fdatasync(descriptor) == 0 else { throw .lastSystemError(path + Self.temporarySuffix, "fdatasync") }
        unflushedBytes = 0
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

extension SnapshotBlock {
    /// Of a whole block, the checksum's own place left out.
    static func checksum(_ block: UnsafeRawBufferPointer) -> UInt32 {
        let content = UnsafeRawBufferPointer(rebasing: block[headBytes...])
        return redoubt_crc32c(redoubt_crc32c(0, block.baseAddress!, 8), content.baseAddress!, content.count)
    }
}

extension LedgerSnapshotError {
    /// From `errno`.
    static func lastSystemError(_ path: String, _ operation: String) -> LedgerSnapshotError {
        .system(path: path, operation: operation, reason: String(cString: strerror(errno)))
    }

    init(_ error: CheckpointError) {
        self =
            switch error {
            case .system(let path, let operation, let reason):
                .system(path: path, operation: operation, reason: reason)
            case .damaged(let path, let reason): .damaged(path: path, reason: "its checkpoint: \(reason)")
            case .unknownVersion(let path, let found, let known):
                .damaged(path: path, reason: "its checkpoint has format version \(found), not \(known)")
            case .otherCluster(let path, let found, let expected):
                .otherCluster(path: path, found: found, expected: expected)
            }
    }
}
