import Bytes
import Glibc
import Security

/// Reads a snapshot file from beginning to end, with one block in memory, and checks all of it on the way: each block
/// before its content is given out, the whole at the end. Confined to one thread.
final class SnapshotReader {
    let path: String
    private let descriptor: Int32
    private let digest = SHA256Stream()
    /// The block read last: head and content.
    private let buffer: UnsafeMutableRawBufferPointer
    private var contentBytes = 0
    private var section: SnapshotBlock.Section?
    /// The block read last has been given out.
    private var isTaken = true
    private(set) var offset = 0

    /// Reads the prefix.
    init(path: String) throws(LedgerSnapshotError) {
        self.path = path
        buffer = .allocate(byteCount: SnapshotBlock.headBytes + SnapshotBlock.contentLimit, alignment: 16)
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .lastSystemError(path, "open") }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        try fill(0..<SnapshotBlock.prefixBytes)
        guard buffer.prefix(SnapshotBlock.magic.count).elementsEqual(SnapshotBlock.magic) else {
            throw damage(at: 0, "no snapshot begins like this")
        }
        let version = number(at: SnapshotBlock.magic.count)
        guard version == SnapshotBlock.version else {
            throw .unknownVersion(path: path, found: version, known: SnapshotBlock.version)
        }
        digest.update(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer).prefix(offset)))
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        buffer.deallocate()
    }

    /// The content of the next block of this section, borrowed until the next call; nil if the section is over.
    func next(of wanted: SnapshotBlock.Section) throws(LedgerSnapshotError) -> UnsafeRawBufferPointer? {
        if isTaken, section != .end { try readBlock() }
        guard section == wanted, !isTaken else { return nil }
        isTaken = true
        return content
    }

    /// The only block of a section.
    func only(of wanted: SnapshotBlock.Section) throws(LedgerSnapshotError) -> UnsafeRawBufferPointer {
        guard let content = try next(of: wanted) else { throw damage(at: offset, "a section is missing") }
        return content
    }

    func header() throws(LedgerSnapshotError) -> LedgerSnapshotHeader {
        let content = try only(of: .header)
        do throws(MalformedBytes) {
            return try LedgerSnapshotHeader.decode(content)
        } catch {
            throw damage(at: offset, "its header: \(error.reason)")
        }
    }

    /// Reads the rest, after all sections that hold data: the file must be whole, and end here. Gives the number of rows
    /// of each table.
    func finish() throws(LedgerSnapshotError) -> [LedgerTable: Int] {
        let counts = try only(of: .rowCounts)
        guard counts.count == 8 * LedgerTable.allCases.count else {
            throw damage(at: offset, "\(counts.count) bytes of row counts")
        }
        var rows: [LedgerTable: Int] = [:]
        for (position, table) in LedgerTable.allCases.enumerated() {
            let count = UInt64(littleEndian: counts.loadUnaligned(fromByteOffset: 8 * position, as: UInt64.self))
            guard let count = Int(exactly: count) else { throw damage(at: offset, "impossible row counts") }
            rows[table] = count
        }
        // The block that is read next is not part of what it vouches for.
        let expected = digest.finish().bytes
        guard try only(of: .end).elementsEqual(expected) else { throw damage(at: offset, "the digest does not fit") }
        var byte: UInt8 = 0
        guard read(descriptor, &byte, 1) == 0 else { throw damage(at: offset, "there are bytes behind the end") }
        return rows
    }

    private var content: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: block[SnapshotBlock.headBytes...])
    }

    private var block: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer).prefix(SnapshotBlock.headBytes + contentBytes))
    }

    private func number(at offset: Int) -> UInt32 {
        UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    private func readBlock() throws(LedgerSnapshotError) {
        let start = offset
        try fill(0..<SnapshotBlock.headBytes)
        contentBytes = Int(number(at: 0))
        guard 1...SnapshotBlock.contentLimit ~= contentBytes else {
            throw damage(at: start, "a block of \(contentBytes) bytes")
        }
        try fill(SnapshotBlock.headBytes..<SnapshotBlock.headBytes + contentBytes)
        guard number(at: 8) == SnapshotBlock.checksum(block) else {
            throw damage(at: start, "a block's checksum does not fit")
        }
        guard let next = SnapshotBlock.Section(rawValue: buffer[4]), next.mayFollow(section) else {
            throw damage(at: start, "a block that does not belong here")
        }
        section = next
        isTaken = false
        if next != .end { digest.update(block) }
    }

    private func fill(_ range: Range<Int>) throws(LedgerSnapshotError) {
        var done = 0
        while done < range.count {
            let count = read(descriptor, buffer.baseAddress! + range.lowerBound + done, range.count - done)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .lastSystemError(path, "read") }
            guard count > 0 else { throw damage(at: offset + done, "the file ends too early") }
            done += count
        }
        offset += range.count
    }

    private func damage(at offset: Int, _ reason: String) -> LedgerSnapshotError {
        .damaged(path: path, reason: "\(reason), at offset \(offset)")
    }
}
