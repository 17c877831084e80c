import Bytes
import Detection
import Raft
public import Security
package import Threads

/// Bytes that no state was encoded to, or one of another configuration.
public struct InvalidLedgerState: Error, Equatable, Sendable, CustomStringConvertible {
    public let reason: String
    public var description: String { "not a ledger state that can be used: \(reason)" }
}

extension LedgerState {
    private static let version: UInt8 = 2

    /// The whole state: equal states give equal bytes. Nothing may be pending.
    package func encode(pace: Pace = .unlimited) -> [UInt8] {
        precondition(pendingCount == 0, "a state with pending proposals belongs to no index")
        var writer = ByteWriter(
            reservingCapacity: 256 + ids.count * 24 + keys.count * 56 + verdicts.count * 17 + takenLabels.count * 9
                + standings.count * 64 + profiles.count * UserProfile.byteCount + profiles.merchantCount
                * MerchantProfile.byteCount)
        var paidBytes = 0
        func payFor(_ writtenBytes: Int) {
            guard writtenBytes - paidBytes >= CheckpointFile.pieceBytes else { return }
            pace.spend(writtenBytes - paidBytes)
            paidBytes = writtenBytes
        }
        writer.write(Self.version)
        for capacity in configuration.capacities { writer.write(UInt64(capacity)) }
        writer.write(applied.rawValue)
        writer.write(timeMicroseconds)
        writer.write(transactionCount)
        for stamps in [idStamps, keyStamps, verdictStamps, standingStamps] {
            for stamp in [stamps.young, stamps.old, stamps.evicted] { writer.write(stamp.settled.rawValue) }
        }
        ids.encode(into: &writer, key: { $1.write($0.rawValue) }, value: { $1.write($0) }, progress: payFor)
        keys.encode(into: &writer, key: { $1.write($0.digest) }, value: { $0.encode(into: &$1) }, progress: payFor)
        verdicts.encode(
            into: &writer, key: { $1.write($0.rawValue) }, value: { $1.write($0.rawValue) }, progress: payFor)
        takenLabels.encode(
            into: &writer, key: { $1.write($0) }, value: { $1.write($0.rawValue) }, progress: payFor)
        standings.encode(
            into: &writer, key: { $1.write($0.rawValue) }, value: { $0.encode(into: &$1) }, progress: payFor)
        profiles.encode(into: &writer, progress: payFor)
        registry.encode(into: &writer)
        reports.encode(into: &writer)
        changes.encode(into: &writer)
        streams.encode(into: &writer)
        outbox.encode(into: &writer)
        writer.write(idStamps.youngSinceMicroseconds)
        writer.write(idStamps.evictedBeforeMicroseconds)
        return writer.bytes
    }

    /// As `encode`, on a leader with `pending` proposals (all of them, oldest first): the state without them, at
    /// `applied`. They are undone and taken again; the state and their undos are afterwards as before.
    public mutating func encode(
        without pending: [(command: Command, undo: LedgerUndo)], sealer: Sealer
    ) throws(LedgerError) -> [UInt8] {
        precondition(pending.count == pendingCount, "\(pending.count) proposals given, \(pendingCount) pending")
        for proposed in pending.reversed() { undo(proposed.undo) }
        let bytes = encode()
        for proposed in pending { try takeAgain(proposed.command, sealer: sealer) }
        return bytes
    }

    /// SHA-256 of `encode()`.
    public func digest() -> SHA256Digest { SHA256Digest(of: encode()) }

    /// Reads what `encode` wrote under the same configuration.
    public init(decoding bytes: [UInt8], configuration: LedgerConfiguration) throws(InvalidLedgerState) {
        try self.init(decoding: bytes[...], configuration: configuration)
    }

    public init(decoding bytes: ArraySlice<UInt8>, configuration: LedgerConfiguration) throws(InvalidLedgerState) {
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
        verdictStamps = try EvictionStamps(from: &reader)
        standingStamps = try EvictionStamps(from: &reader)
        ids = try GenerationalMap(
            capacity: configuration.transactionIDs, from: &reader, entriesOfAtLeast: 24,
            key: { reader throws(MalformedBytes) in TransactionID(rawValue: try reader.read()) },
            value: { reader throws(MalformedBytes) in try reader.read(UInt64.self) })
        keys = try GenerationalMap(
            capacity: configuration.idempotencyKeys, from: &reader, entriesOfAtLeast: 52,
            key: { reader throws(MalformedBytes) in IdempotencyKey(digest: try reader.read()) },
            value: { reader throws(MalformedBytes) in try KnownKey(from: &reader) })
        verdicts = try GenerationalMap(
            capacity: configuration.labels, from: &reader, entriesOfAtLeast: 17,
            key: { reader throws(MalformedBytes) in TransactionID(rawValue: try reader.read()) },
            value: { reader throws(MalformedBytes) in try Verdict(from: &reader) })
        takenLabels = try GenerationalMap(
            capacity: configuration.labels, from: &reader, entriesOfAtLeast: 9,
            key: { reader throws(MalformedBytes) in try reader.read(UInt64.self) },
            value: { reader throws(MalformedBytes) in try LabelOutcome(from: &reader) })
        standings = try GenerationalMap(
            capacity: configuration.labels, from: &reader, entriesOfAtLeast: 16 + AlertStanding.minimumByteCount,
            key: { reader throws(MalformedBytes) in TransactionID(rawValue: try reader.read()) },
            value: { reader throws(MalformedBytes) in try AlertStanding(from: &reader) })
        profiles = try Profiles(users: configuration.users, merchants: configuration.merchants, from: &reader)
        registry = try DetectionRegistry(from: &reader)
        reports = try ModelReports(from: &reader)
        changes = try SettledChanges(from: &reader)
        streams = try StreamOffsets(from: &reader)
        outbox = try Outbox(from: &reader)
        let youngSince = try reader.read(Int64.self)
        idStamps.setTimes(youngSince: youngSince, evictedBefore: try reader.read())
        guard reader.isAtEnd else {
            throw MalformedBytes(offset: reader.offset, reason: "\(reader.remaining) bytes too many")
        }
    }
}

extension LedgerConfiguration {
    fileprivate var capacities: [Int] { [transactionIDs, idempotencyKeys, users, merchants, labels] }
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
