import Logging

/// Between two attempts.
private let pause = Duration.milliseconds(100)

/// Does something that must succeed, again and again until it does; says once what is in its way. Throws `CancellationError`
/// alone.
func persistently<Result: Sendable>(
    _ logger: Logger, _ trouble: String, _ body: () async throws -> Result
) async throws -> Result {
    var isKnown = false
    while true {
        do {
            return try await body()
        } catch {
            try Task.checkCancellation()
            if !isKnown { logger.warning("\(trouble)", metadata: ["error": "\(error)"]) }
            isKnown = true
            try await Task.sleep(for: pause)
        }
    }
}
