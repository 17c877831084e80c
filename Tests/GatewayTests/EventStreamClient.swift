import Foundation
import Security
import Synchronization
import Testing

/// A client that keeps a request open and hears what comes, while it comes.
final class EventStreamClient: Sendable {
    private let process: Mutex<Process>
    private let heard = Mutex<[UInt8]>([])

    /// - Parameter options: curl's.
    init(_ gateway: TestGateway, _ target: String, headers: [String] = [], options: [String] = []) async throws {
        var arguments = ["curl", "-sS", "-N", "-i", "--max-time", "120", "--cacert", gateway.material.certificatePath]
        for header in headers + ["Authorization: Bearer \(try await gateway.material.token([.analyst]))"] {
            arguments += ["-H", header]
        }
        arguments += options + ["https://127.0.0.1:\(gateway.port)\(target)"]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = Mutex(process)
        Thread.detachNewThread { [weak self] in
            while true {
                let piece = output.fileHandleForReading.availableData
                guard !piece.isEmpty, let self else { return }
                heard.withLock { $0 += piece }
            }
        }
    }

    deinit { leave() }

    /// All that came so far, the head included.
    var text: String { String(decoding: heard.withLock { $0 }, as: UTF8.self) }

    /// Waits until the text came.
    func hears(_ wanted: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await eventually { text.contains(wanted) }
        #expect(text.contains(wanted), "only: \(text.prefix(2_000))", sourceLocation: sourceLocation)
    }

    /// Waits until the server has ended it; curl's status.
    func ended() async throws -> Int32? {
        try await eventually { process.withLock { !$0.isRunning } }
        return process.withLock { $0.isRunning ? nil : $0.terminationStatus }
    }

    /// Reads nothing any more, and does not go.
    func stopReading() { kill(process.withLock { $0.processIdentifier }, SIGSTOP) }

    /// Goes without a word.
    func leave() { process.withLock { if $0.isRunning { kill($0.processIdentifier, SIGKILL) } } }
}

/// Waits until the condition holds, for a minute at most.
func eventually(_ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition(), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
}
