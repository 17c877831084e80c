package import Raft
import Synchronization

/// Tells whoever wants to know whether this node leads: with everything of its predecessors folded, so that it may do
/// what a leader alone does.
package final class OfficeNotices: Sendable {
    private struct Content {
        var term: Term?
        var listeners: [UInt64: AsyncStream<Bool>.Continuation] = [:]
        var nextListener: UInt64 = 0
        var isFinished = false
    }

    private let content = Mutex(Content())

    package init() {}

    /// In this term; nil: not.
    package var term: Term? { content.withLock { $0.term } }

    /// Never blocks; on any thread.
    package func changed(to term: Term?) {
        let listeners = content.withLock { content in
            content.term = term
            return Array(content.listeners.values)
        }
        // A listener that is late hears the newest alone.
        for listener in listeners { listener.yield(term != nil) }
    }

    /// What is so now, and every change of it until the end.
    package func listen() -> AsyncStream<Bool> {
        let (stream, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
        let number = content.withLock { content -> UInt64? in
            guard !content.isFinished else { return nil }
            content.nextListener += 1
            content.listeners[content.nextListener] = continuation
            continuation.yield(content.term != nil)
            return content.nextListener
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [self] _ in content.withLock { $0.listeners[number] = nil } }
        return stream
    }

    package func finish() {
        let listeners = content.withLock { content in
            content.term = nil
            content.isFinished = true
            return Array(content.listeners.values)
        }
        for listener in listeners {
            listener.yield(false)
            listener.finish()
        }
    }
}
