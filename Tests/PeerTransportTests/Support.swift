import EventLoop
import Logging
import PeerTransport
import Raft
import Synchronization
import Testing

extension EventLoop {
    /// Runs `body` on the loop and gives its result.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            execute { continuation.resume(with: Result { try body() }) }
        }
    }
}

/// Waits until `condition` holds; false if it does not within the deadline.
func eventually(within seconds: Double = 60, _ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try await !condition() {
        if ContinuousClock.now > deadline { return false }
        try? await Task.sleep(for: .milliseconds(1))
    }
    return true
}

/// A value that several threads share.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    var value: Value { mutex.withLock { $0 } }

    func update(_ change: (inout sending Value) -> Void) { mutex.withLock { change(&$0) } }
}

/// Keeps what is logged.
struct RecordingLog: LogHandler {
    let lines: Shared<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.update { $0.append("\(event.message)") } }
}

/// A node's transport on a loop of its own, and all that it was told.
final class TestNode: @unchecked Sendable {
    struct Frame: Equatable, Sendable {
        let from: UInt64
        let channel: Channel
        let bytes: [UInt8]
    }

    let id: UInt64
    let loop: EventLoop
    let log = Shared<[String]>([])
    let events = Shared<[String]>([])
    let frames = Shared<[Frame]>([])
    private(set) var port = 0
    /// On the loop only.
    private(set) var transport: PeerTransport!

    /// Starts it. `peers` are ids with their ports at 127.0.0.1.
    init(
        _ id: UInt64, listening port: Int = 0, peers: [UInt64: Int], certificate: String? = nil,
        change: @escaping @Sendable (inout PeerTransportConfiguration) -> Void = { _ in }
    ) async throws {
        self.id = id
        loop = try EventLoop(name: "node-\(id)")
        loop.start()
        do {
            self.port = try await loop.run { [self] in
                var configuration = try Self.configuration(id, listening: port, peers: peers, certificate: certificate)
                // The other side may be a test that waits for its turn on a busy machine.
                configuration.handshakeTimeoutMilliseconds = 60_000
                configuration.acknowledgementTimeoutMilliseconds = 60_000
                change(&configuration)
                let recording = RecordingLog(lines: log)
                transport = try PeerTransport(
                    loop: loop, configuration: configuration, logger: Logger(label: "n\(id)") { _ in recording },
                    handler: { [unowned self] in handle($0) })
                try transport.start()
                return transport.listenPort
            }
        } catch {
            loop.stop()
            throw error
        }
    }

    static func configuration(
        _ id: UInt64, listening port: Int, peers: [UInt64: Int], certificate: String? = nil
    ) throws -> PeerTransportConfiguration {
        let certificates = try Certificates.shared.get()
        let name = certificate ?? "ca-blue-\(id)"
        let addresses = peers.map { (NodeID($0.key), PeerAddress(host: "127.0.0.1", port: $0.value)) }
        return PeerTransportConfiguration(
            clusterID: Certificates.clusterID, nodeID: NodeID(id), listenHost: "127.0.0.1", listenPort: port,
            peers: Dictionary(uniqueKeysWithValues: addresses), certificatePath: certificates.certificate(name),
            keyPath: certificates.key(name), authorityPath: certificates.certificate("ca"))
    }

    private func handle(_ event: PeerEvent) {
        switch event {
        case .connected(let peer, let channel): events.update { $0.append("connected \(peer) \(channel)") }
        case .otherLife(let found, let expected): events.update { $0.append("\(found) instead of \(expected)") }
        case .lost(let peer, let channel): events.update { $0.append("lost \(peer) \(channel)") }
        case .frame(let bytes, let peer, let channel):
            let frame = Frame(from: peer.rawValue, channel: channel, bytes: Array(bytes))
            frames.update { $0.append(frame) }
        }
    }

    func send(_ bytes: [UInt8], to peer: UInt64, over channel: Channel) async throws -> Bool {
        try await loop.run { [self] in transport.send(bytes, to: NodeID(peer), over: channel) }
    }

    /// Peers as in `init`.
    func setPeers(_ peers: [UInt64: Int]) async throws {
        try await loop.run { [self] in
            try transport.setPeers(
                Dictionary(
                    uniqueKeysWithValues: peers.map { (NodeID($0.key), PeerAddress(host: "127.0.0.1", port: $0.value)) }
                ))
        }
    }

    func queuedBytes(to peer: UInt64, over channel: Channel) async throws -> Int {
        try await loop.run { [self] in transport.queuedBytes(to: NodeID(peer), over: channel) }
    }

    /// Waits until frames can be sent to all `peers` on all channels.
    func isConnected(to peers: UInt64...) async throws -> Bool {
        try await eventually {
            try await loop.run { [self] in
                peers.allSatisfy { peer in
                    Channel.allCases.allSatisfy { transport.isConnected(to: NodeID(peer), over: $0) }
                }
            }
        }
    }

    func hasLogged(_ text: String) async -> Bool {
        await eventually { log.value.contains { $0.contains(text) } }
    }

    /// Closes all its connections at once, as its death would.
    func stop() {
        let isStopped = Shared(false)
        loop.execute { [self] in
            transport?.stop()
            transport = nil
            isStopped.update { $0 = true }
        }
        loop.stop()
        precondition(isStopped.value, "the loop ran what was queued")
    }
}

/// Ports nobody listens at just now, from below the range that the kernel gives to dialling sockets.
func freePorts(_ count: Int) async throws -> [Int] {
    let loop = try EventLoop(name: "ports")
    loop.start()
    defer { loop.stop() }
    return try await loop.run {
        var ports: Set<Int> = []
        while ports.count < count {
            let port = Int.random(in: 12_000..<32_000)
            if let listener = try? TCPListener(loop: loop, host: "127.0.0.1", port: port, onConnection: { _ in }) {
                ports.insert(listener.port)
            }
        }
        return Array(ports)
    }
}
