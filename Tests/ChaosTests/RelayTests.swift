import Chaos
import Foundation
import SocketFixture
import Testing

@Suite("A relay")
struct RelayTests {
    private let server: LoopbackSocket

    init() throws {
        server = try .listening()
    }

    /// A client, and what the target took for it.
    private func pair(through fixture: RelayFixture) async throws -> (client: LoopbackSocket, taken: LoopbackSocket) {
        let client = try fixture.connect()
        let server = server
        return (client, try await blocking { try server.accepted() })
    }

    private static func content(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    @Test(
        "Passes everything on unchanged in both directions, whatever the pieces and the jitter",
        arguments: [RelaySettings(), RelaySettings(delayMilliseconds: 3, jitterMilliseconds: 3)])
    func unchanged(_ settings: RelaySettings) async throws {
        let fixture = try RelayFixture(to: server.port)
        try await fixture.files.apply(settings)
        let (client, taken) = try await pair(through: fixture)
        let there = Self.content(3_000_000, seed: 1)
        let back = Self.content(2_000_000, seed: 2)
        var random = SeededRandom(seed: 3)
        let pieces = (0..<500).map { _ in Int.random(in: 1...(random.oneIn(4) ? 100_000 : 500), using: &random) }
        async let sentThere: Void = blocking {
            try client.write(there, pieces: pieces)
            client.endWriting()
        }
        async let sentBack: Void = blocking {
            try taken.write(back, pieces: pieces.reversed())
            taken.endWriting()
        }
        async let cameThere = blocking { try taken.readToEnd() }
        async let cameBack = blocking { try client.readToEnd() }
        // Not in the expectation, which would print millions of bytes.
        let isWholeThere = try await cameThere == there
        let isWholeBack = try await cameBack == back
        try await sentThere
        try await sentBack
        #expect(isWholeThere)
        #expect(isWholeBack)
        try await fixture.files.awaitStatus(seconds: 60) { $0.bytes == there.count + back.count }
    }

    @Test("Holds each piece back for the delay, also on a connection that stood before, and not when it is over")
    func delay() async throws {
        let fixture = try RelayFixture(to: server.port)
        let (client, taken) = try await pair(through: fixture)
        try await blocking {
            try client.write([1])
            _ = try taken.read(1)
        }
        let before = try await fixture.files.awaitStatus(seconds: 60) { $0.pieces == 1 }
        #expect(before.delayedPieces == 0)
        try await fixture.files.apply(RelaySettings(delayMilliseconds: 150, jitterMilliseconds: 50), seconds: 60)
        let began = RunClock.monotonicMicroseconds
        let came = try await blocking {
            try client.write([2])
            return try taken.read(1)
        }
        let there = RunClock.monotonicMicroseconds
        let answer = try await blocking {
            try taken.write([3])
            return try client.read(1)
        }
        let back = RunClock.monotonicMicroseconds
        #expect(came == [2])
        #expect(answer == [3])
        #expect(there - began >= 100_000)
        #expect(back - there >= 100_000)
        try await fixture.files.awaitStatus(seconds: 60) { $0.delayedPieces == 2 }
        try await fixture.files.apply(RelaySettings(), seconds: 60)
        try await blocking {
            try client.write([4])
            _ = try taken.read(1)
        }
        let after = try await fixture.files.awaitStatus(seconds: 60) { $0.pieces == 4 }
        #expect(after.delayedPieces == 2)
    }

    @Test("Closes a connection at once that the target does not take")
    func refused() async throws {
        let fixture = try RelayFixture(to: LoopbackSocket.unusedPort())
        let client = try fixture.connect()
        let isOver = try await blocking { client.ends() }
        #expect(isOver)
        try await fixture.files.awaitStatus(seconds: 60) { $0.refusedConnections == 1 && $0.connections == 1 }
    }

    @Test("Passes on that a side has said all, and the other side may go on")
    func halfClosed() async throws {
        let fixture = try RelayFixture(to: server.port)
        let (client, taken) = try await pair(through: fixture)
        let came = try await blocking {
            try client.write([1, 2, 3])
            client.endWriting()
            return try taken.readToEnd()
        }
        #expect(came == [1, 2, 3])
        let answer = try await blocking {
            try taken.write([4, 5])
            taken.endWriting()
            return try client.readToEnd()
        }
        #expect(answer == [4, 5])
    }

    @Test("Ends a connection at its source when the target ends it, after all that the target has said")
    func closedByTarget() async throws {
        let fixture = try RelayFixture(to: server.port)
        let (client, taken) = try await pair(through: fixture)
        let came = try await blocking {
            try taken.write([7])
            taken.end()
            return try client.readToEnd()
        }
        #expect(came == [7])
    }

    @Test("Ends its connections when it is ended itself")
    func stopped() async throws {
        var fixture: RelayFixture? = try RelayFixture(to: server.port)
        let (client, taken) = try await pair(through: try #require(fixture))
        fixture = nil
        let isOver = try await blocking { client.ends() && taken.ends() }
        #expect(isOver)
    }

    @Test("Holds no more than it may while the target does not read, and loses nothing of it")
    func bounded() async throws {
        let capacity = 100_000
        let fixture = try RelayFixture(to: server.port, capacityBytes: capacity)
        let (client, taken) = try await pair(through: fixture)
        // More than the kernel's own buffers of both connections may grow to.
        let content = Self.content(48 << 20, seed: 5)
        async let sent: Void = blocking {
            try client.write(content)
            client.endWriting()
        }
        try await fixture.files.awaitStatus(seconds: 60) { $0.mostHeldBytes == capacity }
        let isWhole = try await blocking { try taken.readToEnd() == content }
        try await sent
        #expect(isWhole)
        let end = try await fixture.files.awaitStatus(seconds: 60) { $0.bytes == content.count }
        #expect(end.mostHeldBytes == capacity)
    }

    @Test("Breaks a connection after delivery if it is told to, so that a sender says it again")
    func repeats() async throws {
        let fixture = try RelayFixture(to: server.port)
        try await fixture.files.apply(RelaySettings(lifeMilliseconds: 1), seconds: 60)
        for round in 1...2 {
            let (client, taken) = try await pair(through: fixture)
            // Old enough for the longest life that may be drawn.
            try await Task.sleep(for: .milliseconds(20))
            let came = try await blocking {
                try client.write([1, 2, 3])
                return try taken.readToEnd()
            }
            #expect(came == [1, 2, 3])
            let isOver = try await blocking { client.ends() }
            #expect(isOver)
            try await fixture.files.awaitStatus(seconds: 60) { $0.brokenConnections == round }
        }
    }

    @Test("Leaves connections alone that nothing goes through, however short their life is to be")
    func silent() async throws {
        let fixture = try RelayFixture(to: server.port)
        let (client, taken) = try await pair(through: fixture)
        try await fixture.files.apply(RelaySettings(lifeMilliseconds: 1), seconds: 60)
        try await Task.sleep(for: .milliseconds(20))
        // From the target: nothing that a sender would repeat.
        let came = try await blocking {
            try taken.write([9])
            return try client.read(1)
        }
        #expect(came == [9])
        let status = try await fixture.files.awaitStatus(seconds: 60) { $0.pieces == 1 }
        #expect(status.brokenConnections == 0)
    }

    @Test("Takes addresses of four numbers and a port, and nothing else")
    func addresses() {
        #expect(RelayAddress("10.213.4.2:7100") == RelayAddress(host: "10.213.4.2", port: 7_100))
        for text in ["", "127.0.0.1", "localhost:80", "1.2.3:80", "1.2.3.256:80", "1.2.3.4:65536", "1.2.3.4:x"] {
            #expect(RelayAddress(text) == nil, "\(text)")
        }
    }

    @Test("Ends rather than follow settings that are out of bounds")
    func settingsOutOfBounds() async throws {
        let directory = NSTemporaryDirectory() + "redoubt-relay-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let files = RelayFiles(control: directory + "/control", status: directory + "/status")
        try files.write(RelaySettings(delayMilliseconds: 5, jitterMilliseconds: 6))
        let relay = try Relay(
            at: RelayAddress(host: "127.0.0.1", port: 0), to: RelayAddress(host: "127.0.0.1", port: server.port),
            files: files)
        // One that followed them would go on for ever.
        let end = Task {
            try await Task.sleep(for: .seconds(60))
            relay.stop()
        }
        await #expect(throws: ChaosError.self) { try await blocking { try relay.run() } }
        end.cancel()
    }

    @Test("Says where it can't listen")
    func taken() {
        let address = RelayAddress(host: "127.0.0.1", port: server.port)
        #expect(throws: ChaosError.self) {
            try Relay(at: address, to: address, files: RelayFiles(control: "none", status: "none"))
        }
    }
}
