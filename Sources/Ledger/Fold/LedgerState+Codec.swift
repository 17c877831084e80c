import Bytes
import Detection
import Raft
public import Security

/// Bytes that no state was encoded to, or one of another configuration.
public struct InvalidLedgerState: Error, Equatable, Sendable, CustomStringConvertible {
    public let reason: String
    public var description: String { "not a ledger state that can be used: \(reason)" }
}

extension LedgerState {
    private static let version: UInt8 = 1

    /// The whole state: equal states give equal bytes. Nothing may be pending.
    public func encode() -> [UInt8] {
        precondition(pendingCount == 0, "a state with pending proposals belongs to no index")
        var writer = ByteWriter(reservingCapacity: 256 + ids.count * 24 + keys.count * 56 + profiles.count * 384)
        writer.write(Self.version)
        for capacity in configuration.capacities { writer.write(UInt64(capacity)) }
        writer.write(applied.rawValue)
        writer.write(timeMicroseconds)
        writer.write(transactionCount)
        for stamps in [idStamps, keyStamps] {
            for stamp in [stamps.young, stamps.old, stamps.evicted] { writer.write(stamp.settled.rawValue) }
        }
        ids.encode(into: &writer, key: { $1.write($0.rawValue) }, value: { $1.write($0) })
        keys.encode(into: &writer, key: { $1.write($0.digest) }, value: { $0.encode(into: &$1) })
        profiles.encode(into: &writer)
        return writer.bytes
    }

    /// As `encode`, on a leader with `pending` proposals (all of them, oldest first): the state without them, at
    /// `applied`. They are undone and taken again; the state and their undos are afterwards as before.
    public mutating func encode(without pending: [Taken], sealer: Sealer) throws(LedgerError) -> [UInt8] {
        let pending = pending.filter { $0.undo != nil }
        precondition(pending.count == pendingCount, "\(pending.count) proposals given, \(pendingCount) pending")
        for taken in pending.reversed() { undo(taken.undo!) }
        let bytes = encode()
        for taken in pending { try takeAgain(taken.command!, sealer: sealer) }
        return bytes
    }

    /// SHA-256 of `encode()`.
    public func digest() -> SHA256Digest { SHA256Digest(of: encode()) }

    /// Reads what `encode` wrote under the same configuration.
    public init(decoding bytes: [UInt8], configuration: LedgerConfiguration) throws(InvalidLedgerState) {
        do throws(MalformedBytes) {
            self = try bytes.withUnsafeBufferPointer { bytes throws(MalformedBytes) in
                var reader = ByteReader(UnsafeRawBufferPointer(bytes))
                return try LedgerState(from: &reader, configuration: configuration)
            }
        } catch {
            throw InvalidLedgerState(reason: error.description)
        }
    }

    private init(from reader: inout ByteReader, configuration: LedgerConfiguration) throws(MalformedBytes) {
        self.init(configuration: configuration)
        let version = try reader.read(UInt8.self)
        guard version == Self.version else { throw MalformedBytes(offset: 0, reason: "version \(version) is unknown") }
        for capacity in configuration.capacities {
            let written = try reader.read(UInt64.self)
            guard written == UInt64(capacity) else {
                throw MalformedBytes(
                    offset: 1, reason: "made with a capacity of \(written), configured are \(capacity)")
            }
        }
        applied = LogIndex(try reader.read())
        timeMicroseconds = try reader.read()
        transactionCount = try reader.read()
        idStamps = try EvictionStamps(from: &reader)
        keyStamps = try EvictionStamps(from: &reader)
        ids = try GenerationalMap(
            capacity: configuration.transactionIDs, from: &reader, entriesOfAtLeast: 24,
            key: { reader throws(MalformedBytes) in TransactionID(rawValue: try reader.read()) },
            value: { reader throws(MalformedBytes) in try reader.read(UInt64.self) })
        keys = try GenerationalMap(
            capacity: configuration.idempotencyKeys, from: &reader, entriesOfAtLeast: 52,
            key: { reader throws(MalformedBytes) in IdempotencyKey(digest: try reader.read()) },
            value: { reader throws(MalformedBytes) in try KnownKey(from: &reader) })
        profiles = try Profiles(capacity: configuration.users, from: &reader)
        guard reader.isAtEnd else {
            throw MalformedBytes(offset: reader.offset, reason: "\(reader.remaining) bytes too many")
        }
    }
}

extension LedgerConfiguration {
    fileprivate var capacities: [Int] { [transactionIDs, idempotencyKeys, users] }
}

extension EvictionStamps {
    fileprivate init(from reader: inout ByteReader) throws(MalformedBytes) {
        let young = LogIndex(try reader.read())
        let old = LogIndex(try reader.read())
        self.init(young: young, old: old, evicted: LogIndex(try reader.read()))
    }
}

extension KnownKey {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.write(first.rawValue)
        writer.write(UInt32(count))
        writer.write(fingerprint)
        writer.write(acceptedAtMicroseconds)
    }

    fileprivate init(from reader: inout ByteReader) throws(MalformedBytes) {
        let first = TransactionID(rawValue: try reader.read())
        let count = Int(try reader.read(UInt32.self))
        let fingerprint = try reader.read(UInt64.self)
        self.init(
            first: first, count: count, fingerprint: fingerprint, acceptedAtMicroseconds: try reader.read())
    }
}
