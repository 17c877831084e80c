/// One call of a client as the client saw it.
package struct HistoryEntry: Equatable, Sendable {
    package var client: UInt32
    package var key: UInt8
    package var operation: Operation
    package var invoked: Microseconds
    /// nil: the client never learned. It may have happened at any time after `invoked`, or never.
    package var returned: Microseconds?
    /// nil exactly if `returned` is.
    package var outcome: Outcome?

    package init(
        client: UInt32, key: UInt8, operation: Operation, invoked: Microseconds, returned: Microseconds?,
        outcome: Outcome?
    ) {
        self.client = client
        self.key = key
        self.operation = operation
        self.invoked = invoked
        self.returned = returned
        self.outcome = outcome
    }
}

extension HistoryEntry: CustomStringConvertible {
    package var description: String {
        let call =
            switch operation {
            case .put(let value): "put(r\(key), \(value))"
            case .compareAndSet(let expected, let new): "cas(r\(key), \(expected) -> \(new))"
            case .read: "read(r\(key))"
            }
        let result =
            switch outcome {
            case nil: "unknown"
            case .written: "ok"
            case .swapped(let isDone): isDone ? "swapped" : "not swapped"
            case .value(let value): "\(value)"
            }
        return "c\(client) \(call) = \(result)  [\(invoked) ... \(returned.map(String.init) ?? "?")]"
    }
}
