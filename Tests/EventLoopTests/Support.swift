import EventLoop
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

/// A started loop that is stopped when `body` ends.
func withLoop(_ body: (EventLoop) async throws -> Void) async throws {
    let loop = try EventLoop(name: "test")
    loop.start()
    defer { loop.stop() }
    try await body(loop)
}

/// Waits until `condition` holds; false if it does not within the deadline.
func eventually(within seconds: Double = 60, _ condition: () throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
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

/// A value that stays on the loop it was made on.
final class Confined<Value>: @unchecked Sendable {
    var value: Value

    init(_ value: Value) { self.value = value }
}
