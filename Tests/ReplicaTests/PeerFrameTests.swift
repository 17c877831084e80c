import Identity
import Raft
import Replica
import Testing

@Suite struct PeerFrameTests {
    private static let membership = Membership(
        voters: [NodeID(1), NodeID(2)], outgoing: [NodeID(3)], learners: [NodeID(number: 4, life: 9)],
        contacts: [
            NodeID(1): [1], NodeID(2): [], NodeID(3): [3, 3], NodeID(number: 4, life: 9): Array("n4:7000".utf8),
        ])
    private static let snapshot = SnapshotOutline(
        id: .max, index: LogIndex(50), term: Term(4), membership: membership, byteCount: 100)
    private static let bodies: [(Message.Body, [[UInt8]])] = [
        (.preVoteRequest(lastIndex: LogIndex(7), lastTerm: Term(3)), []),
        (.preVoteResponse(granted: true), []),
        (.voteRequest(lastIndex: LogIndex(7), lastTerm: Term(3), isTransfer: false), []),
        (.voteRequest(lastIndex: LogIndex(7), lastTerm: Term(3), isTransfer: true), []),
        (.voteResponse(granted: false), []),
        (
            .append(
                previousIndex: LogIndex(9), previousTerm: Term(2),
                entries: [
                    EntryOutline(term: Term(2), kind: .command, byteCount: 3),
                    EntryOutline(term: Term(3), kind: .noop, byteCount: 0),
                ], commit: LogIndex(8), compactionFloor: LogIndex(5)), [[1, 2, 3], []]
        ),
        (.appendAccepted(matchIndex: LogIndex(11)), []),
        (.appendRejected(previousIndex: LogIndex(9), hintIndex: LogIndex(4), hintTerm: Term(1)), []),
        (.heartbeat(commit: LogIndex(8), round: 77, compactionFloor: LogIndex(5)), []),
        (.heartbeatResponse(round: 77, mayLead: true), []),
        (.readRequest(tag: UInt64.max), []),
        (.readResponse(tag: 5, index: LogIndex(8)), []),
        (.readResponse(tag: 5, index: nil), []),
        (
            .append(
                previousIndex: LogIndex(9), previousTerm: Term(2),
                entries: [
                    EntryOutline(term: Term(3), membership: membership),
                    EntryOutline(term: Term(3), kind: .command, byteCount: 1),
                ], commit: LogIndex(8), compactionFloor: LogIndex(5)), [membership.encode(), [4]]
        ),
        (.timeoutNow, []),
        (.snapshotChunk(snapshot, offset: 96, byteCount: 4), [[1, 2, 3, 4]]),
        (.snapshotChunk(snapshot, offset: 0, byteCount: 0), []),
        (.snapshotReceived(id: .max, through: 96), []),
    ]

    @Test(arguments: 0..<18) func `every message comes back as it was sent`(number: Int) throws {
        let (body, payloads) = Self.bodies[number]
        let message = Message(from: NodeID(1), to: NodeID(2), term: Term(4), body: body)
        let bytes = PeerFrame.encode(message, payloads: payloads)
        let decoded = try bytes.withUnsafeBytes { try PeerFrame.decode($0) }
        #expect(decoded == .consensus(message, payloads: payloads))
    }

    @Test func `an append whose membership entry is none is malformed`() {
        let body = Message.Body.append(
            previousIndex: .zero, previousTerm: .zero,
            entries: [EntryOutline(term: Term(1), membership: Self.membership)], commit: .zero, compactionFloor: .zero)
        let bytes = PeerFrame.encode(
            Message(from: NodeID(1), to: NodeID(2), term: Term(4), body: body), payloads: [[9, 9]])
        #expect(throws: (any Error).self) { try bytes.withUnsafeBytes { try PeerFrame.decode($0) } }
    }

    @Test func `a piece of a snapshot that reaches over its end is malformed`() {
        let body = Message.Body.snapshotChunk(Self.snapshot, offset: 97, byteCount: 4)
        let bytes = PeerFrame.encode(
            Message(from: NodeID(1), to: NodeID(2), term: Term(4), body: body), payloads: [[1, 2, 3, 4]])
        #expect(throws: (any Error).self) { try bytes.withUnsafeBytes { try PeerFrame.decode($0) } }
    }

    @Test func `what nodes say of who they are comes back as it was sent`() throws {
        let record = BootRecord(node: NodeID(number: 2, life: 5), boot: 3, nonce: 4, witnesses: [NodeID(1)])
        let message = BootMessage.ask(BootAsk(subject: .claim(record), records: [record]))
        let bytes = PeerFrame.encode(message)
        #expect(try bytes.withUnsafeBytes { try PeerFrame.decode($0) } == .boot(message))
        for length in 0..<bytes.count {
            #expect(throws: (any Error).self) {
                try Array(bytes[..<length]).withUnsafeBytes { try PeerFrame.decode($0) }
            }
        }
    }

    @Test func `application bytes come back as they were sent`() throws {
        let bytes = PeerFrame.encode(application: [9, 8, 7])
        #expect(try bytes.withUnsafeBytes { try PeerFrame.decode($0) } == .application([9, 8, 7]))
    }

    @Test(arguments: 0..<18) func `a frame cut anywhere is malformed, never a crash`(number: Int) {
        let (body, payloads) = Self.bodies[number]
        let bytes = PeerFrame.encode(
            Message(from: NodeID(1), to: NodeID(2), term: Term(4), body: body), payloads: payloads)
        for length in 0..<bytes.count {
            #expect(throws: (any Error).self) {
                try Array(bytes[..<length]).withUnsafeBytes { try PeerFrame.decode($0) }
            }
        }
    }

    @Test func `random and flipped bytes are survived`() {
        var generator = SystemRandomNumberGenerator()
        for (body, payloads) in Self.bodies {
            let bytes = PeerFrame.encode(
                Message(from: NodeID(1), to: NodeID(2), term: Term(4), body: body), payloads: payloads)
            for position in bytes.indices {
                var damaged = bytes
                damaged[position] = UInt8.random(in: 0...255, using: &generator)
                _ = try? damaged.withUnsafeBytes { try PeerFrame.decode($0) }
            }
        }
        for length in 0..<300 {
            let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = try? noise.withUnsafeBytes { try PeerFrame.decode($0) }
        }
    }
}
