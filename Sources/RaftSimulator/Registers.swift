internal import Bytes
internal import CChecksum
internal import Raft

/// The replicated state machine: registers, and for every client its last request with what came of it, so that a
/// repeated request has no second effect.
struct Registers: Equatable, Sendable {
    struct Session: Equatable, Sendable {
        var number: UInt32
        var outcome: Outcome
    }

    private(set) var index = LogIndex.zero
    private(set) var values: [UInt64]
    /// By client number; clients are numbered from zero without gaps.
    private(set) var sessions: [Session?] = []
    /// A fold over everything that was ever applied: equal on all nodes at one index.
    private(set) var digest: UInt64 = 0

    init(keys: Int) { values = Array(repeating: 0, count: keys) }

    subscript(key: UInt8) -> UInt64 { values[Int(key)] }

    func session(of client: UInt32) -> Session? { Int(client) < sessions.count ? sessions[Int(client)] : nil }

    /// Claims to have applied what it has not: a bug for the harness to find.
    mutating func skip(to index: LogIndex) { self.index = max(self.index, index) }

    /// Applies the entry at `index`, the next one.
    /// - Returns: what came of the command, and whether it had an effect now, which a repeated one has not.
    mutating func apply(
        _ command: Command?, at index: LogIndex, remembersRequests: Bool = true
    ) -> (outcome: Outcome, isNew: Bool)? {
        precondition(index == self.index.next, "entries are applied in order")
        self.index = index
        guard let command else {
            digest = Chain.link(digest, index.rawValue)
            return nil
        }
        let client = Int(command.request.client)
        while sessions.count <= client { sessions.append(nil) }
        if remembersRequests, let session = sessions[client], session.number >= command.request.number {
            digest = Chain.link(digest, index.rawValue)
            return (session.outcome, false)
        }
        let outcome: Outcome
        switch command.operation {
        case .put(let value):
            values[Int(command.key)] = value
            outcome = .written
        case .compareAndSet(let expected, let new):
            let holds = values[Int(command.key)] == expected
            if holds { values[Int(command.key)] = new }
            outcome = .swapped(holds)
        case .read: preconditionFailure("a read is not written to the log")
        }
        sessions[client] = Session(number: command.request.number, outcome: outcome)
        digest = Chain.link(Chain.link(digest, values[Int(command.key)]), UInt64(command.key) << 32 | UInt64(client))
        return (outcome, true)
    }
}

// MARK: Snapshots

extension Registers {
    /// With a checksum at its end.
    func encode() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 32 + 8 * values.count + 16 * sessions.count)
        writer.write(index.rawValue)
        writer.write(digest)
        writer.write(UInt32(values.count))
        for value in values { writer.write(value) }
        writer.write(UInt32(sessions.count))
        for session in sessions {
            writer.write(session?.number ?? 0)
            switch session?.outcome {
            case nil: writer.write(UInt8(0))
            case .written: writer.write(UInt8(1))
            case .swapped(false): writer.write(UInt8(2))
            case .swapped(true): writer.write(UInt8(3))
            case .value: preconditionFailure("reads leave no trace")
            }
        }
        writer.write(Self.checksum(writer.bytes[...]))
        return writer.bytes
    }

    /// nil if these are not the bytes that were written.
    init?(decoding bytes: [UInt8]) {
        guard bytes.count > 4, let registers = try? Self.read(bytes) else { return nil }
        self = registers
    }

    private static func read(_ bytes: [UInt8]) throws -> Registers? {
        let body = bytes.dropLast(4)
        return try bytes.withUnsafeBytes { raw in
            var tail = ByteReader(UnsafeRawBufferPointer(rebasing: raw[body.count...]))
            guard try tail.read(UInt32.self) == checksum(body) else { return nil }
            var reader = ByteReader(raw)
            var registers = Registers(keys: 0)
            registers.index = LogIndex(try reader.read())
            registers.digest = try reader.read()
            for _ in 0..<(try reader.readCount(elementsOfAtLeast: 8)) { registers.values.append(try reader.read()) }
            for _ in 0..<(try reader.readCount(elementsOfAtLeast: 5)) {
                let number = try reader.read(UInt32.self)
                switch try reader.read(UInt8.self) {
                case 1: registers.sessions.append(Session(number: number, outcome: .written))
                case 2: registers.sessions.append(Session(number: number, outcome: .swapped(false)))
                case 3: registers.sessions.append(Session(number: number, outcome: .swapped(true)))
                default: registers.sessions.append(nil)
                }
            }
            return registers
        }
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBytes { redoubt_crc32c(0, $0.baseAddress!, $0.count) }
    }
}

/// A running hash: equal chains mean equal histories.
enum Chain {
    static func link(_ chain: UInt64, _ value: UInt64) -> UInt64 {
        var mixed = (chain ^ value &* 0x9E37_79B9_7F4A_7C15) &+ 0x632B_E59B_D9B4_E019
        mixed = (mixed ^ (mixed >> 29)) &* 0xBF58_476D_1CE4_E5B9
        return mixed ^ (mixed >> 32)
    }

    /// The chain behind an entry, given the one before it.
    static func link(_ chain: UInt64, term: Term, kind: EntryKind, payload: [UInt8]) -> UInt64 {
        let checksum = payload.withUnsafeBytes { raw in
            raw.baseAddress.map { redoubt_crc32c(0, $0, raw.count) } ?? 0
        }
        return link(link(chain, term.rawValue), UInt64(checksum) << 8 | UInt64(kind.rawValue))
    }
}
