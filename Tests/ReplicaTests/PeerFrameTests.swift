import Raft
import Replica
import Testing

@Suite struct PeerFrameTests {
    private static let bodies: [(Message.Body, [[UInt8]])] = [
        (.preVoteRequest(lastIndex: LogIndex(7), lastTerm: Term(3)), []),
        (.preVoteResponse(granted: true), []),
        (.voteRequest(lastIndex: LogIndex(7), lastTerm: Term(3)), []),
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
        (.heartbeatResponse(round: 77), []),
        (.readRequest(tag: UInt64.max), []),
        (.readResponse(tag: 5, index: LogIndex(8)), []),
        (.readResponse(tag: 5, index: nil), []),
    ]

    @Test(arguments: 0..<12) func `every message comes back as it was sent`(number: Int) throws {
        let (body, payloads) = Self.bodies[number]
        let message = Message(from: NodeID(1), to: NodeID(2), term: Term(4), body: body)
        let bytes = PeerFrame.encode(message, payloads: payloads)
        let decoded = try bytes.withUnsafeBytes { try PeerFrame.decode($0) }
        #expect(decoded == .consensus(message, payloads: payloads))
    }

    @Test func `application bytes come back as they were sent`() throws {
        let bytes = PeerFrame.encode(application: [9, 8, 7])
        #expect(try bytes.withUnsafeBytes { try PeerFrame.decode($0) } == .application([9, 8, 7]))
    }

    @Test(arguments: 0..<12) func `a frame cut anywhere is malformed, never a crash`(number: Int) {
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
