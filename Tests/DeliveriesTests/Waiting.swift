import Testing

/// Waits until something holds, and fails the test when that takes too long.
func eventually(
    _ what: Comment, within limit: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation,
    _ holds: () async -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while await !holds() {
        guard ContinuousClock.now < deadline else {
            Issue.record("not within \(limit): \(what)", sourceLocation: sourceLocation)
            throw NotInTime()
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

struct NotInTime: Error {}
