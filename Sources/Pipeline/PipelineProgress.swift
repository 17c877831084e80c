import Raft
import Synchronization

/// How far this node has come, as several threads tell it.
final class PipelineProgress: Sendable {
    private struct Content {
        var folded: LogIndex
        var compactionFloor = LogIndex.zero
        var compacted = LogIndex.zero
    }

    private let content: Mutex<Content>

    init(folded: LogIndex) { content = Mutex(Content(folded: folded, compactionFloor: .zero)) }

    var folded: LogIndex { content.withLock { $0.folded } }

    func folded(through index: LogIndex) { content.withLock { $0.folded = index } }

    func compactionFloorRose(to index: LogIndex) {
        content.withLock { $0.compactionFloor = max($0.compactionFloor, index) }
    }

    /// The log may be dropped through here: every member has it, PostgreSQL has flushed it, a checkpoint covers it.
    /// Nil if that is no news.
    func compactable(checkpoint: LogIndex, flushed: LogIndex) -> LogIndex? {
        content.withLock { content in
            let through = min(content.compactionFloor, min(checkpoint, flushed))
            guard through > content.compacted else { return nil }
            content.compacted = through
            return through
        }
    }
}
