import Foundation

/// How a relay is spoken to from outside: it follows the one file, and writes the other. Both are JSON, and replaced as a
/// whole.
package struct RelayFiles: Sendable {
    /// Holds `RelaySettings`; while it is not there, the relay goes on as it does.
    package let control: String
    /// Holds `RelayStatus`, and is there once the relay takes connections.
    package let status: String

    package init(control: String, status: String) {
        self.control = control
        self.status = status
    }

    package func write(_ settings: RelaySettings) throws {
        try JSONEncoder().encode(settings).write(to: URL(fileURLWithPath: control), options: .atomic)
    }

    /// Nil where the relay has not begun.
    package func readStatus() throws -> RelayStatus? {
        guard let data = FileManager.default.contents(atPath: status) else { return nil }
        return try JSONDecoder().decode(RelayStatus.self, from: data)
    }

    /// Returns what the relay says once it follows these settings; throws `ChaosError.late` if it never does.
    @discardableResult
    package func apply(_ settings: RelaySettings, seconds: Double = 20) async throws -> RelayStatus {
        try write(settings)
        return try await awaitStatus(seconds: seconds) { $0.settings == settings }
    }

    /// The first status that is as wanted; throws `ChaosError.late` if none is in time.
    @discardableResult
    package func awaitStatus(
        seconds: Double = 20, _ isWanted: (RelayStatus) -> Bool = { _ in true }
    ) async throws -> RelayStatus {
        let end = RunClock.monotonicMicroseconds + Int64(seconds * 1_000_000)
        while RunClock.monotonicMicroseconds < end {
            if let status = try readStatus(), isWanted(status) { return status }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw ChaosError.late("the relay of \(status) is not as it should be after \(seconds) s")
    }
}
