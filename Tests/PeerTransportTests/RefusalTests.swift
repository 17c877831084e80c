import COpenSSL
import EventLoop
import Foundation
import Glibc
import PeerTransport
import Raft
import Testing

@Suite(.timeLimit(.minutes(2))) struct RefusalTests {
    private let hello = Hello(version: 2, clusterID: "blue", from: 2, to: 1, channel: 1)

    /// A node 1 that knows of a node 2, which is not there.
    private func withNode(
        pendingConnections: Int = 64, handshakeTimeoutMilliseconds: Int = 60_000,
        _ body: (TestNode) async throws -> Void
    ) async throws {
        let node = try await TestNode(1, peers: [2: 1, 3: 1]) { configuration in
            configuration.maxPendingConnections = pendingConnections
            configuration.handshakeTimeoutMilliseconds = handshakeTimeoutMilliseconds
        }
        defer { node.stop() }
        try await body(node)
        // Whatever was refused, a peer is still welcome, and nothing of the refused was handed on.
        #expect(node.events.value.isEmpty)
        #expect(node.frames.value.isEmpty)
        let peer = try BlockingTLS(port: node.port, certificate: "ca-blue-2")
        #expect(try peer.greet(hello) == .welcome(NodeID(1)))
    }

    private func answer(_ hello: Hello, to node: TestNode, certificate: String = "ca-blue-2") throws -> HelloAnswer {
        try BlockingTLS(port: node.port, certificate: certificate).greet(hello)
    }

    @Test func `a client without a certificate is refused`() async throws {
        try await withNode { node in
            #expect(throws: BlockingTLS.Failure.self) {
                try BlockingTLS(port: node.port, certificate: nil).greet(hello)
            }
            #expect(await node.hasLogged("peer did not return a certificate"))
        }
    }

    @Test func `a certificate of another authority is refused`() async throws {
        try await withNode { node in
            #expect(throws: BlockingTLS.Failure.self) { try answer(hello, to: node, certificate: "other-blue-2") }
            #expect(await node.hasLogged("certificate verify failed"))
        }
    }

    @Test func `TLS 1 2 is refused`() async throws {
        try await withNode { node in
            #expect(throws: BlockingTLS.Failure.self) {
                try BlockingTLS(port: node.port, certificate: "ca-blue-2", maxVersion: TLS1_2_VERSION)
            }
            #expect(await node.hasLogged("unsupported protocol"))
        }
    }

    @Test func `a hello that does not fit is refused in words`() async throws {
        try await withNode { node in
            let cases: [(certificate: String, change: (inout Hello) -> Void, reason: String)] = [
                ("ca-blue-2", { $0.version = 1 }, "protocol version 1 is spoken, this node speaks 2"),
                ("ca-blue-2", { $0.clusterID = "green" }, "this node belongs to another cluster"),
                ("ca-blue-2", { $0.to = 3 }, "node 3 is meant, this is node 1"),
                ("ca-blue-2", { $0.from = 1 }, "node 1 is this node's own number"),
                ("ca-blue-2", { $0.from = 7 }, "node 7 is not a member"),
                ("ca-blue-2", { $0.from = 0x10000 }, "a node without a number"),
                ("ca-blue-2", { $0.channel = 9 }, "channel 9 is unknown"),
                ("ca-blue-2", { $0.from = 3 }, "the certificate shown is not redoubt://blue/node/3"),
                ("ca-green-2", { _ in }, "the certificate shown is not redoubt://blue/node/2"),
            ]
            for (certificate, change, reason) in cases {
                var changed = hello
                change(&changed)
                let answer = try answer(changed, to: node, certificate: certificate)
                #expect(answer == .refused(reason))
            }
        }
    }

    @Test func `bytes that are no hello end the connection`() async throws {
        try await withNode { node in
            let connection = try BlockingTLS(port: node.port, certificate: "ca-blue-2")
            try connection.writeFrame(Array("GET / HTTP/1.1".utf8))
            #expect(throws: BlockingTLS.Failure.self) { try connection.read(1) }
            #expect(await node.hasLogged("not a hello"))
            let long = try BlockingTLS(port: node.port, certificate: "ca-blue-2")
            try long.writeFrame([UInt8](repeating: 0, count: 1025))
            #expect(throws: BlockingTLS.Failure.self) { try long.read(1) }
            #expect(await node.hasLogged("a frame of 1025 bytes, where 1 to 1024 are allowed"))
        }
    }

    @Test func `plaintext and random bytes on the port are harmless`() async throws {
        try await withNode { node in
            var random = SeededGenerator(seed: 23)
            var streams: [[UInt8]] = [Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), hello.encode(), []]
            for _ in 0..<60 {
                let count = Int.random(in: 1...3000, using: &random)
                var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
                // Some look like a TLS record with a handshake inside.
                if Bool.random(using: &random) { bytes = [22, 3, 1, UInt8(count >> 8), UInt8(count & 255), 1] + bytes }
                streams.append(bytes)
            }
            for stream in streams {
                let descriptor = try BlockingTLS.dial(node.port)
                _ = send(descriptor, stream, stream.count, Int32(MSG_NOSIGNAL))
                shutdown(descriptor, Int32(SHUT_WR))
                var byte: UInt8 = 0
                // The node answers with an alert at most, and closes.
                while recv(descriptor, &byte, 1, 0) > 0 {}
                close(descriptor)
            }
            #expect(await node.hasLogged("refused a connection from 127.0.0.1:"))
            // However many there are, the log is bounded.
            #expect(node.log.value.filter { $0.hasPrefix("refused") }.count <= 10)
        }
    }

    @Test func `who says nothing is cut off in time`() async throws {
        try await withNode(handshakeTimeoutMilliseconds: 200) { node in
            let silent = try BlockingTLS.dial(node.port)
            defer { close(silent) }
            var byte: UInt8 = 0
            #expect(recv(silent, &byte, 1, 0) == 0)
            let mute = try BlockingTLS(port: node.port, certificate: "ca-blue-2")
            #expect(throws: BlockingTLS.Failure.self) { try mute.read(1) }
            #expect(await node.hasLogged("no hello within 200 ms"))
        }
    }

    @Test func `strangers beyond the bound push out the oldest of them, not a peer`() async throws {
        // Open until the node is stopped: their end would be an event.
        var peers: [BlockingTLS] = []
        defer { peers.removeAll() }
        try await withNode(pendingConnections: 4) { node in
            let peer = try BlockingTLS(port: node.port, certificate: "ca-blue-3")
            #expect(
                try peer.greet(Hello(version: 2, clusterID: "blue", from: 3, to: 1, channel: 2)) == .welcome(NodeID(1)))
            var strangers: [Int32] = []
            defer { for stranger in strangers { close(stranger) } }
            for _ in 0..<5 { strangers.append(try BlockingTLS.dial(node.port)) }
            var byte: UInt8 = 0
            #expect(recv(strangers[0], &byte, 1, 0) == 0)
            #expect(recv(strangers[4], &byte, 1, Int32(MSG_DONTWAIT)) == -1)
            let other = try BlockingTLS(port: node.port, certificate: "ca-blue-2")
            #expect(try other.greet(hello) == .welcome(NodeID(1)))
            try peer.writeFrame([1])
            #expect(await eventually { node.frames.value.count == 1 })
            node.frames.update { $0 = [] }
            peers = [peer, other]
            #expect(node.events.value.isEmpty)
        }
    }

    /// What node 1 logs when it dials somebody who shows `certificate` where node 2 should be.
    private func dialling(certificate: String, answer: HelloAnswer? = nil, logs text: String) async throws {
        let (listener, port) = try BlockingTLS.listen()
        defer { close(listener) }
        let node = try await TestNode(1, peers: [2: port])
        defer { node.stop() }
        var connection: BlockingTLS?
        do {
            connection = try BlockingTLS(acceptingOn: listener, certificate: certificate)
            if let answer {
                _ = try connection?.readFrame()
                try connection?.writeFrame(answer.encode())
            }
        } catch is BlockingTLS.Failure {}
        #expect(await node.hasLogged(text))
        #expect(node.events.value.isEmpty)
        connection = nil
    }

    @Test func `the dialler refuses a node it did not mean, of another cluster or of another authority`() async throws {
        let notTwo = "the certificate shown is not redoubt://blue/node/2"
        try await dialling(certificate: "ca-blue-3", logs: notTwo)
        try await dialling(certificate: "ca-green-2", logs: notTwo)
        try await dialling(certificate: "other-blue-2", logs: "certificate verify failed")
    }

    @Test func `the dialler logs why it was refused`() async throws {
        try await dialling(
            certificate: "ca-blue-2", answer: .refused("node 1 is not a member"),
            logs: "refused by the peer: node 1 is not a member")
    }

    @Test func `a node with the wrong certificate, key or settings does not start, and says why`() async throws {
        func failure(
            certificate: String? = nil,
            _ change: @escaping @Sendable (inout PeerTransportConfiguration) -> Void = { _ in }
        ) async throws -> String {
            do {
                let node = try await TestNode(1, peers: [2: 1], certificate: certificate, change: change)
                node.stop()
                return "started"
            } catch let error as PeerTransportError {
                return "\(error)"
            }
        }
        let directory = try Certificates.shared.get().directory
        #expect(
            try await failure(certificate: "ca-blue-2")
                == "\(directory)/ca-blue-2.crt: the certificate does not name redoubt://blue/node/1")
        #expect(
            try await failure { $0.keyPath = directory + "/ca-blue-2.key" }
                .hasPrefix("\(directory)/ca-blue-2.key: no usable key for \(directory)/ca-blue-1.crt: "))
        #expect(
            try await failure { $0.certificatePath = "/nowhere" }.hasPrefix("/nowhere: no usable certificate: "))
        #expect(try await failure { $0.authorityPath = "/nowhere" }.hasPrefix("/nowhere: no usable authority: "))
        #expect(
            try await failure { $0.clusterID = "a b" }
                == "clusterID must be 1 to 64 ASCII letters, digits, '-', '_' or '.'")
        #expect(
            try await failure { $0.peers[NodeID(1)] = PeerAddress(host: "a", port: 1) }
                == "peers must not hold the node itself (n1)")
        #expect(
            try await failure { $0.maxQueuedBytes = $0.maxFrameBytes }
                == "maxQueuedBytes must hold one frame of maxFrameBytes and its header")
        let (listener, port) = try BlockingTLS.listen()
        defer { close(listener) }
        #expect(
            try await failure { $0.listenPort = port }
                == "peer port: listening at 127.0.0.1:\(port): address already in use (EADDRINUSE)")
    }
}
