/// A value that never changes behind one reference, so that using it retains nothing of what it holds.
final class Shared<Value: Sendable>: Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
