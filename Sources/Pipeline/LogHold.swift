public import Raft

/// Keeps the log after an index from being compacted, for as long as it lives.
public final class LogHold: Sendable {
    public let index: LogIndex
    private let release: @Sendable () -> Void

    init(after index: LogIndex, release: @escaping @Sendable () -> Void) {
        self.index = index
        self.release = release
    }

    deinit { release() }
}
