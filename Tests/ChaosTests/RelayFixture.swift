import Chaos
import Foundation
import SocketFixture

/// A relay on a thread of its own, and whom it leads to.
final class RelayFixture {
    let files: RelayFiles
    let relay: Relay
    private let directory: String
    private let hasEnded = DispatchSemaphore(value: 0)

    /// - Parameter port: of the target.
    init(to port: Int, capacityBytes: Int = 1 << 20) throws {
        directory = NSTemporaryDirectory() + "redoubt-relay-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        files = RelayFiles(control: directory + "/control", status: directory + "/status")
        relay = try Relay(
            at: RelayAddress(host: "127.0.0.1", port: 0), to: RelayAddress(host: "127.0.0.1", port: port),
            files: files, capacityBytes: capacityBytes)
        let relay = relay
        let hasEnded = hasEnded
        Thread.detachNewThread {
            try? relay.run()
            hasEnded.signal()
        }
    }

    func connect() throws -> LoopbackSocket { try .connected(to: relay.address.port) }

    deinit {
        relay.stop()
        hasEnded.wait()
        try? FileManager.default.removeItem(atPath: directory)
    }
}

/// Runs what blocks on a thread where that is no harm.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}
