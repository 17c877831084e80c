/// Waits until the condition holds, for `seconds` at most.
public func eventually(
    within seconds: Int = 60, _ what: String = "the condition", _ condition: () throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
        guard ContinuousClock.now < deadline else { throw FixtureError(message: "\(what) did not come to hold") }
        try await Task.sleep(for: .milliseconds(2))
    }
}
