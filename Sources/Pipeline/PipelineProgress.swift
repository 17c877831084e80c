package import Raft
import Synchronization

/// How far this node has come, as several threads tell it.
package final class PipelineProgress: Sendable {
    private struct Content {
        var folded: LogIndex
        var compactionFloor = LogIndex.zero
        var compacted = LogIndex.zero
        /// After these the log is held, by number.
        var holds: [UInt64: LogIndex] = [:]
        var nextHold: UInt64 = 0
    }

    private let content: Mutex<Content>

    package init(folded: LogIndex) { content = Mutex(Content(folded: folded, compactionFloor: .zero)) }

    var folded: LogIndex { content.withLock { $0.folded } }

    package func folded(through index: LogIndex) { content.withLock { $0.folded = index } }

    package func compactionFloorRose(to index: LogIndex) {
        content.withLock { $0.compactionFloor = max($0.compactionFloor, index) }
    }

    /// Nil if it may have been compacted further already.
    package func hold(after index: LogIndex) -> LogHold? {
        let number = content.withLock { content -> UInt64? in
            guard content.compacted <= index else { return nil }
            content.nextHold += 1
            content.holds[content.nextHold] = index
            return content.nextHold
        }
        guard let number else { return nil }
        return LogHold(after: index) { [self] in content.withLock { $0.holds[number] = nil } }
    }

    /// The log may be dropped through here: PostgreSQL has flushed it, a checkpoint covers it, and, as far as the pressure
    /// allows, nobody else needs it. Nil if that is no news.
    package func compactable(
        checkpoint: LogIndex, flushed: LogIndex, pressure: LogPressure = .none
    ) -> LogIndex? {
        content.withLock { content in
            // The fold may lag behind both, where a snapshot was installed that the fold had no use for.
            var through = min(content.folded, min(checkpoint, flushed))
            if pressure == .none { through = min(through, content.compactionFloor) }
            if pressure != .extreme { through = min(through, content.holds.values.min() ?? through) }
            guard through > content.compacted else { return nil }
            content.compacted = through
            return through
        }
    }
}
