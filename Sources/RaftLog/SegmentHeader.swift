internal import CChecksum
internal import Raft

/// The first block of a segment: whose it is, and what held before its first record. docs/log-format.md has the offsets.
struct SegmentHeader: Equatable, Sendable {
    /// The header has a block to itself, so that no later write touches it.
    static let blockBytes = 4096
    static let version: UInt32 = 2
    /// Version 1 had neither membership entries nor resets; what it has reads the same.
    static let readableVersions: ClosedRange<UInt32> = 1...2
    static let maximumClusterIDBytes = 64
    private static let magic: [UInt8] = Array("RDBTLOG\n".utf8)

    var sequence: UInt64
    /// Size of the whole file.
    var byteCount: Int
    var identity: LogIdentity
    /// The last entry before this segment, as the log stood when it was begun.
    var precedingIndex: LogIndex
    var precedingTerm: Term
    var hardState: HardState
    /// Number of the first group commit in the segment.
    var firstBatch: UInt64

    func encode() -> (block: [UInt8], checksum: UInt32) {
        var block = [UInt8](repeating: 0, count: Self.blockBytes)
        let name = Array(identity.clusterID.utf8)
        precondition((1...Self.maximumClusterIDBytes).contains(name.count), "a cluster id has 1 to 64 bytes")
        let checksum = block.withUnsafeMutableBytes { bytes in
            bytes.copyBytes(from: Self.magic)
            bytes.storeBytes(of: Self.version.littleEndian, toByteOffset: 8, as: UInt32.self)
            for (offset, number) in [
                (16, sequence), (24, UInt64(byteCount)), (32, identity.nodeID.rawValue), (40, precedingIndex.rawValue),
                (48, precedingTerm.rawValue), (56, hardState.term.rawValue), (64, hardState.vote?.rawValue ?? 0),
                (72, firstBatch), (80, UInt64(name.count)),
            ] {
                bytes.storeBytes(of: number.littleEndian, toByteOffset: offset, as: UInt64.self)
            }
            UnsafeMutableRawBufferPointer(rebasing: bytes[88...]).copyBytes(from: name)
            let checksum = Self.checksum(of: UnsafeRawBufferPointer(bytes))
            bytes.storeBytes(of: checksum.littleEndian, toByteOffset: 12, as: UInt32.self)
            return checksum
        }
        return (block, checksum)
    }

    /// nil if these are not the bytes of a header as it was written.
    static func decode(
        _ bytes: UnsafeRawBufferPointer, file: String
    ) throws(RaftLogError) -> (header: SegmentHeader, checksum: UInt32)? {
        guard bytes.count >= blockBytes else { return nil }
        let block = UnsafeRawBufferPointer(rebasing: bytes[..<blockBytes])
        let checksum = UInt32(littleEndian: block.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        guard block.prefix(8).elementsEqual(magic), checksum == Self.checksum(of: block) else { return nil }
        let version = UInt32(littleEndian: block.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        guard readableVersions.contains(version) else { throw .unsupportedVersion(file: file, version: version) }
        func number(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: block.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        let nameBytes = number(80)
        let vote = NodeID(validating: number(64))
        guard let nodeID = NodeID(validating: number(32)), vote != nil || number(64) == 0,
            (1...UInt64(maximumClusterIDBytes)).contains(nameBytes), number(24) <= UInt64(1) << 40
        else {
            throw .damaged(file: file, offset: 0, reason: "the header is whole but makes no sense")
        }
        let header = SegmentHeader(
            sequence: number(16), byteCount: Int(number(24)),
            identity: LogIdentity(
                clusterID: String(decoding: block[88..<88 + Int(nameBytes)], as: UTF8.self), nodeID: nodeID),
            precedingIndex: LogIndex(number(40)), precedingTerm: Term(number(48)),
            hardState: HardState(term: Term(number(56)), vote: vote),
            firstBatch: number(72))
        return (header, checksum)
    }

    /// Over the whole block but for the checksum's own place.
    private static func checksum(of block: UnsafeRawBufferPointer) -> UInt32 {
        redoubt_crc32c(redoubt_crc32c(0, block.baseAddress!, 12), block.baseAddress! + 16, blockBytes - 16)
    }
}
