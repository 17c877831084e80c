import EventLoop
import Foundation
import Logging
import PeerTransport
import Raft
import Testing

@Suite(.timeLimit(.minutes(2))) struct ExchangeTests {
    /// `count` nodes that know one another.
    private func cluster(
        _ count: Int, change: @escaping @Sendable (inout PeerTransportConfiguration) -> Void = { _ in }
    ) async throws -> [TestNode] {
        let ports = try await freePorts(count)
        var nodes: [TestNode] = []
        for index in 0..<count {
            nodes.append(try await node(UInt64(index + 1), ports, change: change))
        }
        return nodes
    }

    private func node(
        _ id: UInt64, _ ports: [Int], change: @escaping @Sendable (inout PeerTransportConfiguration) -> Void = { _ in }
    ) async throws -> TestNode {
        var peers: [UInt64: Int] = [:]
        for (index, port) in ports.enumerated() where index + 1 != Int(id) { peers[UInt64(index + 1)] = port }
        return try await TestNode(id, listening: ports[Int(id) - 1], peers: peers, change: change)
    }

    @Test func `two nodes exchange frames of all sizes on all channels, whole and in order`() async throws {
        let nodes = try await cluster(2)
        defer { for node in nodes { node.stop() } }
        #expect(try await nodes[0].isConnected(to: 2))
        #expect(try await nodes[1].isConnected(to: 1))
        var random = SeededGenerator(seed: 17)
        var sizes = [1, 2, 3, 4, 5, 1023, 1024, 16_379, 16_380, 16_381, 16_384, 32_768, 65_536, 131_072, 5 << 20]
        sizes += (0..<200).map { _ in Int.random(in: 1...40_000, using: &random) }
        var sent: [Channel: [TestNode.Frame]] = [:]
        for size in sizes {
            let channel = Channel.allCases.randomElement(using: &random)!
            let first = UInt8.random(in: 0...255, using: &random)
            let bytes = (0..<size).map { first &+ UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
            sent[channel, default: []].append(TestNode.Frame(from: 1, channel: channel, bytes: bytes))
            #expect(try await nodes[0].send(bytes, to: 2, over: channel))
        }
        #expect(await eventually { nodes[1].frames.value.count == sizes.count })
        for channel in Channel.allCases {
            // Compared before the macro: a difference of megabytes is no message to print.
            let isEqual = nodes[1].frames.value.filter { $0.channel == channel } == sent[channel] ?? []
            #expect(isEqual)
        }
        #expect(nodes[0].frames.value.isEmpty)
        #expect(try await nodes[0].queuedBytes(to: 2, over: .bulk) == 0)
        #expect(try await nodes[1].send([9], to: 1, over: .control))
        #expect(await eventually { nodes[0].frames.value.map(\.bytes) == [[9]] })
    }

    @Test func `three nodes all reach one another`() async throws {
        let nodes = try await cluster(3)
        defer { for node in nodes { node.stop() } }
        for node in nodes {
            let others = (1...3).filter { $0 != node.id }.map { UInt64($0) }
            #expect(try await node.isConnected(to: others[0], others[1]))
            for other in others {
                for channel in Channel.allCases {
                    let bytes = [UInt8(node.id), UInt8(other), channel.rawValue]
                    #expect(try await node.send(bytes, to: other, over: channel))
                }
            }
        }
        for node in nodes {
            #expect(await eventually { node.frames.value.count == 6 })
            for frame in node.frames.value {
                #expect(frame.bytes == [UInt8(frame.from), UInt8(node.id), frame.channel.rawValue])
            }
            #expect(node.events.value.count == 6)
        }
    }

    @Test func `a peer's death is told at once, and its return reconnects both ways`() async throws {
        let ports = try await freePorts(2)
        let first = try await node(1, ports)
        defer { first.stop() }
        for round in 1...3 {
            let second = try await node(2, ports)
            #expect(try await first.isConnected(to: 2))
            #expect(try await second.isConnected(to: 1))
            #expect(try await first.send([UInt8(round)], to: 2, over: .bulk))
            #expect(await eventually { second.frames.value.count == 1 })
            first.events.update { $0 = [] }
            let death = ContinuousClock.now
            second.stop()
            #expect(await eventually { first.events.value.contains("lost n2 control") })
            // Generous for a busy machine, and still shorter than any timeout.
            #expect(ContinuousClock.now - death < .seconds(2))
            #expect(await eventually { first.events.value.count == 6 })
            #expect(
                first.events.value.sorted() == Array(repeating: "lost n2 bulk", count: 2)
                    + Array(repeating: "lost n2 control", count: 2)
                    + Array(repeating: "lost n2 snapshot", count: 2))
            #expect(try await !first.send([1], to: 2, over: .control))
            #expect(try await first.queuedBytes(to: 2, over: .control) == 0)
        }
    }

    @Test func `a peer that returns is dialled at once, however long the wait had grown`() async throws {
        let ports = try await freePorts(2)
        let first = try await node(1, ports) { configuration in
            configuration.reconnectMinMilliseconds = 600_000
            configuration.reconnectMaxMilliseconds = 600_000
        }
        defer { first.stop() }
        #expect(await first.hasLogged("channel bulk: connecting to"))
        #expect(await first.hasLogged("channel control: connecting to"))
        let second = try await node(2, ports)
        defer { second.stop() }
        #expect(try await first.isConnected(to: 2))
    }

    @Test func `a peer that acknowledges nothing is dialled anew, but for pieces of snapshots it is waited`()
        async throws
    {
        let ports = try await freePorts(2)
        let first = try await node(1, ports) { $0.acknowledgementTimeoutMilliseconds = 200 }
        let second = try await node(2, ports)
        let thaw = DispatchSemaphore(value: 0)
        defer {
            thaw.signal()
            for node in [first, second] { node.stop() }
        }
        #expect(try await first.isConnected(to: 2))
        #expect(try await second.isConnected(to: 1))
        second.loop.execute { thaw.wait() }
        // More than its kernel takes without it.
        let megabyte = [UInt8](repeating: 1, count: 1 << 20)
        // In one turn of the loop: in the next one the link may be lost already.
        let isQueued = try await first.loop.run {
            [Channel.snapshot, .bulk].allSatisfy { channel in
                (0..<32).allSatisfy { _ in first.transport.send(megabyte, to: NodeID(2), over: channel) }
            }
        }
        #expect(isQueued)
        #expect(await eventually { first.events.value.contains("lost n2 bulk") })
        #expect(!first.events.value.prefix { $0 != "lost n2 bulk" }.contains("lost n2 snapshot"))
        thaw.signal()
        #expect(try await first.isConnected(to: 2))
        #expect(try await first.send([7], to: 2, over: .bulk))
        #expect(await eventually { second.frames.value.contains(.init(from: 1, channel: .bulk, bytes: [7])) })
    }

    @Test func `failed attempts to reach a peer are not losses`() async throws {
        let ports = try await freePorts(2)
        let first = try await node(1, ports)
        defer { first.stop() }
        #expect(await first.hasLogged("no connection to peer n2"))
        #expect(first.events.value.isEmpty)
        #expect(try await !first.send([1], to: 2, over: .control))
        #expect(try await first.queuedBytes(to: 2, over: .bulk) == 0)
    }

    @Test func `a newer connection of a peer replaces the older without a loss`() async throws {
        let node = try await TestNode(1, peers: [2: 1])
        defer { node.stop() }
        let hello = Hello(version: 2, clusterID: "blue", from: 2, to: 1, channel: 1)
        let old = try BlockingTLS(port: node.port, certificate: "ca-blue-2")
        #expect(try old.greet(hello) == .welcome(NodeID(1)))
        try old.writeFrame([1])
        #expect(await eventually { node.frames.value.count == 1 })
        let new = try BlockingTLS(port: node.port, certificate: "ca-blue-2")
        #expect(try new.greet(hello) == .welcome(NodeID(1)))
        #expect(throws: BlockingTLS.Failure.self) { try old.read(1) }
        try new.writeFrame([2])
        #expect(await eventually { node.frames.value.count == 2 })
        withExtendedLifetime((old, new)) { #expect(node.events.value.isEmpty) }
    }

    @Test func `a peer that breaks the framing is cut off with a reason`() async throws {
        let node = try await TestNode(1, peers: [2: 1])
        defer { node.stop() }
        let peer = try BlockingTLS(port: node.port, certificate: "ca-blue-2")
        #expect(try peer.greet(Hello(version: 2, clusterID: "blue", from: 2, to: 1, channel: 2)) == .welcome(NodeID(1)))
        try peer.write([255, 255, 255, 127, 0])
        #expect(await node.hasLogged("a frame of 2147483647 bytes, where 1 to 16777216 are allowed"))
        withExtendedLifetime(peer) { #expect(node.events.value == ["lost n2 bulk"]) }
    }

    @Test func `a truncated frame is never handed out`() async throws {
        let node = try await TestNode(1, peers: [2: 1])
        defer { node.stop() }
        var peer: BlockingTLS? = try BlockingTLS(port: node.port, certificate: "ca-blue-2")
        #expect(
            try peer?.greet(Hello(version: 2, clusterID: "blue", from: 2, to: 1, channel: 2)) == .welcome(NodeID(1)))
        try peer?.write([100, 0, 0, 0, 1, 2, 3])
        peer = nil
        #expect(await eventually { node.events.value == ["lost n2 bulk"] })
        #expect(node.frames.value.isEmpty)
    }

    @Test func `a reader that stops fills the bulk queue to its bound while control flows`() async throws {
        let (listener, port) = try BlockingTLS.listen()
        defer { close(listener) }
        let bound = 4 << 20
        let node = try await TestNode(1, peers: [2: port]) { configuration in
            configuration.maxFrameBytes = 1 << 20
            configuration.maxQueuedBytes = bound
        }
        defer { node.stop() }
        var channels: [UInt8: BlockingTLS] = [:]
        for _ in 0..<3 {
            let connection = try BlockingTLS(acceptingOn: listener, certificate: "ca-blue-2")
            let hello = try connection.readFrame().withUnsafeBytes { try Hello(decoding: $0) }
            try connection.writeFrame(HelloAnswer.welcome(NodeID(2)).encode())
            channels[hello.channel] = connection
        }
        let control = try #require(channels[1])
        let bulk = try #require(channels[2])
        #expect(try await node.isConnected(to: 2))

        var accepted = 0
        let frame = [UInt8](repeating: 3, count: 1 << 20)
        let isFull = try await eventually {
            if try await node.send(frame, to: 2, over: .bulk) {
                accepted += 1
                return false
            }
            return true
        }
        #expect(isFull)
        let queued = try await node.queuedBytes(to: 2, over: .bulk)
        #expect(queued > bound - (1 << 20) - 100 && queued <= bound)
        // What the kernel's buffers took, besides: megabytes, not all that was offered.
        #expect(accepted < 32)
        for number in 0..<100 {
            #expect(try await node.send([UInt8(number)], to: 2, over: .control))
            #expect(try control.readFrame() == [UInt8(number)])
        }
        #expect(try await !node.send(frame, to: 2, over: .bulk))
        for _ in 0..<accepted {
            let isWhole = try bulk.readFrame() == frame
            #expect(isWhole)
        }
        #expect(try await eventually { try await node.queuedBytes(to: 2, over: .bulk) == 0 })
        #expect(try await node.send(frame, to: 2, over: .bulk))
        let isWhole = try bulk.readFrame() == frame
        #expect(isWhole)
    }

    @Test func `stopping closes every connection and says nothing more`() async throws {
        let nodes = try await cluster(2)
        #expect(try await nodes[0].isConnected(to: 2))
        #expect(try await nodes[1].isConnected(to: 1))
        let port = nodes[0].port
        #expect(
            try await nodes[0].loop.run {
                nodes[0].transport.stop()
                nodes[0].transport.stop()
                return !nodes[0].transport.send([1], to: NodeID(2), over: .control)
            })
        #expect(await eventually { nodes[1].events.value.filter { $0.hasPrefix("lost") }.count == 6 })
        #expect(throws: BlockingTLS.Failure.self) { try close(BlockingTLS.dial(port)) }
        #expect(!nodes[0].events.value.contains { $0.hasPrefix("lost") })
        for node in nodes { node.stop() }
    }

    @Test func `the handler may stop the transport`() async throws {
        let loop = try EventLoop(name: "handler")
        loop.start()
        defer { loop.stop() }
        let transport = Shared<Int>(0)
        let peer = try await TestNode(2, peers: [1: 1])
        defer { peer.stop() }
        let peerPort = peer.port
        let holder = Holder()
        try await loop.run {
            let configuration = try TestNode.configuration(1, listening: 0, peers: [2: peerPort])
            holder.transport = try PeerTransport(
                loop: loop, configuration: configuration,
                logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
            ) { _ in
                holder.transport?.stop()
                holder.transport = nil
                transport.update { $0 += 1 }
            }
            try holder.transport?.start()
        }
        #expect(await eventually { transport.value == 1 })
    }

    private final class Holder: @unchecked Sendable {
        var transport: PeerTransport?
    }
}
