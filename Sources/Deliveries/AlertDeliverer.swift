public import Logging
import Metrics
import Synchronization

/// Sends alerts out through all channels, on the node that leads and nowhere else. Each alert goes through each channel at
/// least once: a new leader goes on from the replicated cursors, and may repeat what the old one had not yet noted.
public final class AlertDeliverer: Sendable {
    public struct Options: Sendable {
        /// Between two commits of cursors: what a new leader may repeat.
        public var cursorInterval: Duration
        /// How long it may take to stop, the last commit of cursors included.
        public var farewell: Duration

        public init(cursorInterval: Duration = .milliseconds(250), farewell: Duration = .seconds(1)) {
            self.cursorInterval = cursorInterval
            self.farewell = farewell
        }
    }

    private struct State {
        var isLeading = false
        /// Counts the times that this node has ceased to lead.
        var reigns: UInt64 = 0
        var channels: [String: any AlertChannel] = [:]
        var workers: [String: Worker] = [:]
        var keeper: (task: Task<Void, Never>, keeper: CursorKeeper)?
    }

    private struct Worker {
        let revision: UInt64
        let reign: UInt64
        let task: Task<Void, Never>
    }

    public static let channelLimit = 64

    private let source: any AlertSource
    private let cursors: any DeliveryCursors
    private let options: Options
    private let logger: Logger
    private let state = Mutex(State())
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation
    private let runningGauge = Gauge(label: "redoubt_delivery_running")

    public init(
        source: any AlertSource, cursors: any DeliveryCursors, options: Options = Options(), logger: Logger
    ) {
        self.source = source
        self.cursors = cursors
        self.options = options
        self.logger = logger
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        runningGauge.record(0)
    }

    /// The node has begun to lead, or leads no more. Deliveries that are under way are then cut short at once.
    public func setLeading(_ isLeading: Bool) {
        state.withLock { state in
            if state.isLeading, !isLeading {
                state.reigns += 1
                Self.cancel(&state)
            }
            state.isLeading = isLeading
        }
        runningGauge.record(isLeading ? 1 : 0)
        changed.yield()
    }

    /// All channels that there are from now on; those of the same name and revision are not disturbed.
    public func setChannels(_ channels: [any AlertChannel]) {
        precondition(channels.count <= Self.channelLimit, "at most \(Self.channelLimit) channels")
        let named = Dictionary(uniqueKeysWithValues: channels.map { ($0.name, $0) })
        state.withLock { $0.channels = named }
        changed.yield()
    }

    /// Works until the task is cancelled; run once.
    public func run() async {
        changed.yield()
        for await _ in changes { state.withLock { settle(&$0) } }
        let (tasks, keeper) = state.withLock { state in
            state.isLeading = false
            Self.cancel(&state)
            return (state.workers.values.map(\.task), state.keeper)
        }
        runningGauge.record(0)
        await end(tasks, keeper: keeper?.keeper)
    }

    private static func cancel(_ state: inout State) {
        for worker in state.workers.values { worker.task.cancel() }
        state.keeper?.task.cancel()
    }

    /// Ends workers that are not wanted any more, and begins those that are missing.
    private func settle(_ state: inout State) {
        for (name, worker) in state.workers where state.channels[name]?.revision != worker.revision {
            worker.task.cancel()
            if state.channels[name] == nil { state.workers[name] = nil }
        }
        guard state.isLeading, !Task.isCancelled else { return }
        if state.keeper == nil || state.keeper!.task.isCancelled {
            let made = CursorKeeper(cursors: cursors, interval: options.cursorInterval, logger: logger)
            state.keeper = (Task { await made.run() }, made)
        }
        for (name, channel) in state.channels {
            let former = state.workers[name]
            if let former, former.revision == channel.revision, former.reign == state.reigns { continue }
            let worker = ChannelWorker(
                channel, source: source, cursors: cursors, keeper: state.keeper!.keeper, logger: logger)
            let task = Task {
                // What its predecessor still does must be over: users' alerts stay in order.
                await former?.task.value
                await worker.run()
            }
            state.workers[name] = Worker(revision: channel.revision, reign: state.reigns, task: task)
        }
    }

    /// In good order: the next leader has nothing to repeat, if this node is still heard. In any case soon.
    private func end(_ tasks: [Task<Void, Never>], keeper: CursorKeeper?) async {
        let isOver = OneAnswer<Void>()
        let ending = Task {
            for task in tasks { await task.value }
            if let keeper { _ = await keeper.flush() }
            isOver.give(.success(()))
        }
        let limit = Task {
            try? await Task.sleep(for: options.farewell)
            isOver.give(.success(()))
        }
        // This task is cancelled already, and would not wait.
        await Task { try? await isOver.value }.value
        ending.cancel()
        limit.cancel()
    }
}
