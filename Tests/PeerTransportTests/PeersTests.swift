import PeerTransport
import Raft
import Testing

@Suite(.timeLimit(.minutes(2))) struct PeersTests {
    private let newLife = NodeID(number: 2, life: 0x7E57).rawValue

    @Test func `a peer that is added is dialled and welcome, without disturbing the others`() async throws {
        let ports = try await freePorts(3)
        let first = try await TestNode(1, listening: ports[0], peers: [2: ports[1]])
        let second = try await TestNode(2, listening: ports[1], peers: [1: ports[0]])
        let third = try await TestNode(3, listening: ports[2], peers: [1: ports[0]])
        defer { for node in [first, second, third] { node.stop() } }
        #expect(try await first.isConnected(to: 2))
        #expect(await third.hasLogged("refused by the peer: node 3 is not a member"))
        try await first.setPeers([2: ports[1], 3: ports[2]])
        #expect(try await first.isConnected(to: 2, 3))
        #expect(try await third.isConnected(to: 1))
        #expect(try await third.send([7], to: 1, over: .snapshot))
        #expect(await eventually { first.frames.value == [.init(from: 3, channel: .snapshot, bytes: [7])] })
        #expect(first.events.value.filter { $0.contains("n2") }.count == 3)
        #expect(!second.events.value.contains { $0.hasPrefix("lost") })
    }

    @Test func `a peer that is removed is cut off both ways and not let in again`() async throws {
        let ports = try await freePorts(2)
        let first = try await TestNode(1, listening: ports[0], peers: [2: ports[1]])
        let second = try await TestNode(2, listening: ports[1], peers: [1: ports[0]])
        defer { for node in [first, second] { node.stop() } }
        #expect(try await first.isConnected(to: 2))
        #expect(try await second.isConnected(to: 1))
        try await first.setPeers([:])
        #expect(try await !first.send([1], to: 2, over: .control))
        #expect(await eventually { second.events.value.filter { $0.hasPrefix("lost") }.count == 6 })
        #expect(await second.hasLogged("refused by the peer: node 2 is not a member"))
        // Its own doing is no event to the node.
        #expect(!first.events.value.contains { $0.hasPrefix("lost") })
        try await first.setPeers([2: ports[1]])
        #expect(try await first.isConnected(to: 2))
        #expect(try await second.isConnected(to: 1))
    }

    @Test func `a peer that moves is dialled at its new address`() async throws {
        let ports = try await freePorts(3)
        let first = try await TestNode(1, listening: ports[0], peers: [2: ports[1]])
        defer { first.stop() }
        let old = try await TestNode(2, listening: ports[1], peers: [1: ports[0]])
        #expect(try await first.isConnected(to: 2))
        old.stop()
        let new = try await TestNode(2, listening: ports[2], peers: [1: ports[0]])
        defer { new.stop() }
        try await first.setPeers([2: ports[2]])
        #expect(try await first.isConnected(to: 2))
        #expect(try await first.send([1], to: 2, over: .bulk))
        #expect(await eventually { new.frames.value.count == 1 })
    }

    @Test func `another life at a peer's address is told of and reached under its own name only`() async throws {
        let ports = try await freePorts(2)
        let first = try await TestNode(1, listening: ports[0], peers: [2: ports[1]])
        let second = try await TestNode(
            newLife, listening: ports[1], peers: [1: ports[0]], certificate: "ca-blue-2")
        defer { for node in [first, second] { node.stop() } }
        #expect(try await first.isConnected(to: newLife))
        #expect(try await second.isConnected(to: 1))
        #expect(try await !first.send([1], to: 2, over: .control))
        #expect(try await first.send([1], to: newLife, over: .control))
        #expect(await eventually { second.frames.value.map(\.bytes) == [[1]] })
        #expect(try await second.send([2], to: 1, over: .control))
        #expect(await eventually { first.frames.value == [.init(from: newLife, channel: .control, bytes: [2])] })
        let events = first.events.value
        #expect(events.filter { $0 == "n2/7e57 instead of n2" }.count == 3)
        #expect(events.filter { $0.hasPrefix("connected n2/7e57") }.count == 3)
        #expect(events.count == 6)
    }

    @Test func `two lives of one number at one address don't push each other out`() async throws {
        let ports = try await freePorts(2)
        let first = try await TestNode(1, listening: ports[0], peers: [2: ports[1], newLife: ports[1]]) {
            $0.reconnectMaxMilliseconds = 20
        }
        let second = try await TestNode(
            newLife, listening: ports[1], peers: [1: ports[0]], certificate: "ca-blue-2")
        defer { for node in [first, second] { node.stop() } }
        #expect(try await first.isConnected(to: newLife))
        // The link for the life that is gone goes on trying, often.
        #expect(await eventually { first.log.value.contains { $0.contains("n2/7e57 is there now") } })
        for number in 0..<200 { #expect(try await first.send([UInt8(number)], to: newLife, over: .bulk)) }
        #expect(await eventually { second.frames.value.count == 200 })
        #expect(first.events.value.sorted() == Channel.allCases.map { "connected n2/7e57 \($0)" }.sorted())
    }

    @Test func `peers that break a rule are refused, and nothing changes`() async throws {
        let ports = try await freePorts(2)
        let first = try await TestNode(1, listening: ports[0], peers: [2: ports[1]])
        let second = try await TestNode(2, listening: ports[1], peers: [1: ports[0]])
        defer { for node in [first, second] { node.stop() } }
        #expect(try await first.isConnected(to: 2))
        await #expect(throws: PeerTransportError.invalid(field: "peers[n3].port", rule: "must be 1...65535")) {
            try await first.setPeers([3: 0])
        }
        await #expect(
            throws: PeerTransportError.invalid(field: "peers", rule: "must not hold the node itself (n1)")
        ) { try await first.setPeers([1: 9]) }
        #expect(try await first.isConnected(to: 2))
    }
}
