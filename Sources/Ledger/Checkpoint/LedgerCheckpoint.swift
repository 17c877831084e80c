import Bytes
public import Raft
import Security
package import Threads

/// The ledger's state at one index, as a file; it spares replaying the log from its beginning.
///
/// Numbers are little-endian:
///
///     0  magic, "RDBTLEDG"
///     8  version, 2, 4 bytes
///    12  cluster id: length, 2 bytes, then ASCII
///        index, 8 bytes; term of that entry, 8 bytes
///        length of the membership, 4 bytes; the membership, as `Membership.encode` gives it
///        length of the state, 8 bytes; the state
///   end  SHA-256 of all before, 32 bytes
public struct LedgerCheckpoint: Sendable, Equatable {
    /// 1...64 bytes.
    public let clusterID: String
    public let index: LogIndex
    /// The term of the entry at `index`.
    public let term: Term
    /// The newest at or below `index`.
    public let membership: Membership
    /// What `LedgerState.encode` gave; of a file that was read, the file's own bytes, not copied.
    public let state: ArraySlice<UInt8>

    public init(clusterID: String, index: LogIndex, term: Term, membership: Membership, state: [UInt8]) {
        self.init(clusterID: clusterID, index: index, term: term, membership: membership, state: state[...])
    }

    private init(
        clusterID: String, index: LogIndex, term: Term, membership: Membership, state: ArraySlice<UInt8>
    ) {
        precondition(1...64 ~= clusterID.utf8.count, "a cluster id has 1 to 64 bytes")
        self.clusterID = clusterID
        self.index = index
        self.term = term
        self.membership = membership
        self.state = state
    }

    private static let magic = Array("RDBTLEDG".utf8)
    private static let version: UInt32 = 2
    private static let temporarySuffix = ".tmp"

    /// The file's name: indexes sort as text does.
    public static func fileName(index: LogIndex) -> String {
        let digits = String(index.rawValue)
        return "ledger-\(String(repeating: "0", count: 20 - digits.utf8.count))\(digits).checkpoint"
    }

    // MARK: Writing

    /// Writes the file into `directory`, so that after a crash at any moment it is either whole or not there. Blocks on the
    /// disk, and goes at `pace`. Returns its path.
    @discardableResult
    package func write(in directory: String, pace: Pace = .unlimited) throws(CheckpointError) -> String {
        let path = "\(directory)/\(Self.fileName(index: index))"
        try CheckpointFile.write(to: path, temporary: path + Self.temporarySuffix, pace: pace) {
            write throws(CheckpointError) in try forEachPiece(write)
        }
        try CheckpointFile.synchronizeDirectory(directory)
        return path
    }

    /// Gives the file's content in pieces of at most 1 MiB. The digest at its end is made on the way: whoever takes the
    /// pieces at a pace has all of the work done at that pace.
    func forEachPiece<Failure>(_ take: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        let digest = SHA256Stream()
        for part in [front[...], state] {
            try part.withUnsafeBufferPointer { bytes throws(Failure) in
                for start in stride(from: 0, to: bytes.count, by: CheckpointFile.pieceBytes) {
                    let end = min(start + CheckpointFile.pieceBytes, bytes.count)
                    let piece = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start..<end]))
                    digest.update(piece)
                    try take(piece)
                }
            }
        }
        try digest.finish().bytes.withUnsafeBufferPointer { bytes throws(Failure) in
            try take(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Deletes all checkpoints but the newest `count`, and what interrupted writes left. Not while one is being written.
    public static func removeOld(in directory: String, keeping count: Int) throws(CheckpointError) {
        let names = try CheckpointFile.names(in: directory)
        let leftovers = names.filter { $0.hasSuffix(temporarySuffix) && isFileName($0.dropLast(temporarySuffix.count)) }
        for name in names.filter({ isFileName($0) }).sorted().dropLast(count) + leftovers {
            try CheckpointFile.remove("\(directory)/\(name)")
        }
    }

    // MARK: Reading

    /// The newest checkpoint of `directory` that is whole, and what is wrong with those that are newer; nil if there is
    /// none. Whoever calls decides whether the log reaches back far enough to go on with it.
    package static func newest(
        in directory: String, clusterID: String, pace: Pace = .unlimited
    ) throws(CheckpointError) -> (checkpoint: LedgerCheckpoint?, damaged: [CheckpointError]) {
        var damaged: [CheckpointError] = []
        for name in try CheckpointFile.names(in: directory).filter({ isFileName($0) }).sorted().reversed() {
            do throws(CheckpointError) {
                return (try load(path: "\(directory)/\(name)", clusterID: clusterID, pace: pace), damaged)
            } catch {
                guard case .damaged = error else { throw error }
                damaged.append(error)
            }
        }
        return (nil, damaged)
    }

    /// Reads one file.
    package static func load(
        path: String, clusterID: String, pace: Pace = .unlimited
    ) throws(CheckpointError) -> LedgerCheckpoint {
        let checkpoint = try decode(try CheckpointFile.read(path, pace: pace), path: path)
        guard checkpoint.clusterID == clusterID else {
            throw .otherCluster(path: path, found: checkpoint.clusterID, expected: clusterID)
        }
        return checkpoint
    }

    /// Reads a file's content; `path` is for errors.
    static func decode(_ bytes: [UInt8], path: String) throws(CheckpointError) -> LedgerCheckpoint {
        if let version = unknownVersion(bytes) {
            throw .unknownVersion(path: path, found: version, known: Self.version)
        }
        do throws(MalformedBytes) {
            return try bytes.withUnsafeBufferPointer { buffer throws(MalformedBytes) in
                try decode(UnsafeRawBufferPointer(buffer), of: bytes)
            }
        } catch {
            throw .damaged(path: path, reason: error.description)
        }
    }

    /// The version, if it is not ours and the file is whole: every version ends with the digest.
    private static func unknownVersion(_ bytes: [UInt8]) -> UInt32? {
        guard bytes.count >= magic.count + 4 + SHA256Digest.byteCount, bytes.starts(with: magic) else { return nil }
        let version = bytes[magic.count..<magic.count + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        guard version != Self.version else { return nil }
        return bytes.withUnsafeBytes { bytes in
            let covered = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - SHA256Digest.byteCount)])
            return bytes[covered.count...].elementsEqual(SHA256Digest(of: covered).bytes) ? version : nil
        }
    }

    private var front: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 128)
        writer.append(Self.magic)
        writer.write(Self.version)
        writer.writeString(clusterID)
        writer.write(index.rawValue)
        writer.write(term.rawValue)
        writer.writeBlock(membership.encode())
        writer.write(UInt64(state.count))
        return writer.bytes
    }

    /// - Parameter file: the array that the bytes are of.
    private static func decode(
        _ bytes: UnsafeRawBufferPointer, of file: [UInt8]
    ) throws(MalformedBytes) -> LedgerCheckpoint {
        var reader = ByteReader(bytes)
        guard try reader.take(magic.count).elementsEqual(magic) else {
            throw MalformedBytes(offset: 0, reason: "no checkpoint begins like this")
        }
        let version = try reader.read(UInt32.self)
        guard version == Self.version else { throw MalformedBytes(offset: 8, reason: "version \(version) is unknown") }
        let clusterID = try reader.readString()
        guard 1...64 ~= clusterID.utf8.count else {
            throw MalformedBytes(offset: 12, reason: "a cluster id of \(clusterID.utf8.count) bytes")
        }
        let index = LogIndex(try reader.read())
        let term = Term(try reader.read())
        guard let membership = Membership(decoding: [UInt8](try reader.readBlock())) else {
            throw MalformedBytes(offset: reader.offset, reason: "the bytes before are no membership")
        }
        let start = reader.offset
        guard let count = Int(exactly: try reader.read(UInt64.self)) else {
            throw MalformedBytes(offset: start, reason: "an impossible length")
        }
        let first = reader.offset
        _ = try reader.take(count)
        let state = file[first..<reader.offset]
        let covered = UnsafeRawBufferPointer(rebasing: bytes[..<reader.offset])
        let digest = try reader.take(SHA256Digest.byteCount)
        guard reader.isAtEnd else {
            throw MalformedBytes(offset: reader.offset, reason: "\(reader.remaining) bytes too many")
        }
        guard digest.elementsEqual(SHA256Digest(of: covered).bytes) else {
            throw MalformedBytes(offset: covered.count, reason: "the checksum does not fit")
        }
        return LedgerCheckpoint(
            clusterID: clusterID, index: index, term: term, membership: membership, state: state)
    }

    private static func isFileName(_ name: some StringProtocol) -> Bool {
        name.utf8.count == fileName(index: .zero).utf8.count && name.hasPrefix("ledger-")
            && name.hasSuffix(".checkpoint")
    }
}
