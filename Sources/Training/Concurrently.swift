import Dispatch
import Synchronization

/// Pieces of work that know nothing of each other, as many at once as there are cores.
enum Concurrently {
    /// What each piece gives, in their order: the same on any number of cores.
    static func map<Value: Sendable>(_ count: Int, _ work: @Sendable (Int) -> Value) -> [Value] {
        let values = Mutex<[Value?]>(Array(repeating: nil, count: count))
        DispatchQueue.concurrentPerform(iterations: count) { piece in
            let value = work(piece)
            values.withLock { $0[piece] = value }
        }
        return values.withLock { $0.compactMap(\.self) }
    }
}
