import Ledger
import Raft

extension OutboxPosition {
    /// What is wrong with a text that is no position.
    static let fault = "must be a position that was given here, such as \"4711.0\""

    /// A position that a client sends back; nil: none that it can have got.
    init?(sentBack text: String) {
        guard let position = OutboxPosition(text), position.index.rawValue <= UInt64(Int64.max) else { return nil }
        self = position
    }
}
