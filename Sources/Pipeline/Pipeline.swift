import Detection
import Foundation
public import Ledger
public import Logging
public import Raft
public import Replica
public import Security

/// The way of a payment through this node: in from a source, sealed, carried to the leader, ordered, answered; and the
/// way of a read.
public final class Pipeline: Sendable {
    public struct Options: Sendable {
        public var node: NodeID
        public var logBytesMaximum: Int
        /// Of the log, kept for members that are away.
        public var logBytesRetained: Int
        /// The smaller of the ledger's memories of transaction ids and of idempotency keys.
        public var idsRemembered: Int

        public init(node: NodeID, logBytesMaximum: Int, logBytesRetained: Int, idsRemembered: Int) {
            self.node = node
            self.logBytesMaximum = logBytesMaximum
            self.logBytesRetained = logBytesRetained
            self.idsRemembered = idsRemembered
        }
    }

    /// What the pipeline stands on.
    public struct Foundations: Sendable {
        public var replica: Replica
        public var store: LedgerStore
        public var checkpoints: CheckpointWriter
        public var sealer: Sealer
        public var blindIndex: BlindIndex
        /// Committed entries of the log; at least one.
        public var entries: @Sendable (_ from: LogIndex, _ through: LogIndex, _ maxBytes: Int) throws -> [LedgerEntry]
        /// In tests: stands in for the replica's consensus.
        package var propose: (@Sendable ([UInt8], Term, UInt64, @escaping @Sendable (Bool) -> Void) -> Void)?
        /// The node can't go on.
        public var failed: @Sendable (any Error) -> Void

        public init(
            replica: Replica, store: LedgerStore, checkpoints: CheckpointWriter, sealer: Sealer,
            blindIndex: BlindIndex,
            entries: @escaping @Sendable (LogIndex, LogIndex, Int) throws -> [LedgerEntry],
            failed: @escaping @Sendable (any Error) -> Void
        ) {
            self.replica = replica
            self.store = store
            self.checkpoints = checkpoints
            self.sealer = sealer
            self.blindIndex = blindIndex
            self.entries = entries
            self.failed = failed
        }
    }

    let node: NodeID
    let replica: Replica
    let store: LedgerStore
    let sealer: Sealer
    let blindIndex: BlindIndex
    let digests: FoldDigests
    let checkpoints: CheckpointWriter
    let submissions: SubmissionSealer
    let intake: Intake
    let sequencer: Sequencer
    let progress: PipelineProgress
    let capacities: LedgerConfiguration
    let backtests: BacktestRunner
    let notices = OfficeNotices()
    private let logBytesMaximum: Int
    private let logBytesRetained: Int
    private let logger: Logger

    /// - Parameters:
    ///   - state: as of the newest checkpoint, or of none.
    ///   - term: of the entry at the state's index.
    ///   - membership: the newest at or below that index.
    public init(
        _ foundations: Foundations, state: LedgerState, term: Term, membership: Membership, options: Options,
        logger: Logger
    ) {
        node = options.node
        logBytesMaximum = options.logBytesMaximum
        logBytesRetained = options.logBytesRetained
        replica = foundations.replica
        store = foundations.store
        sealer = foundations.sealer
        blindIndex = foundations.blindIndex
        checkpoints = foundations.checkpoints
        capacities = state.configuration
        backtests = BacktestRunner(
            store: foundations.store, sealer: foundations.sealer, configuration: state.configuration, logger: logger)
        self.logger = logger
        let progress = PipelineProgress(folded: state.applied)
        self.progress = progress
        let digests = FoldDigests()
        self.digests = digests
        submissions = SubmissionSealer(
            sealer: foundations.sealer, blindIndex: foundations.blindIndex, generator: TransactionIDGenerator())

        let replica = foundations.replica
        let store = foundations.store
        let environment = SequencerEnvironment(
            sealer: foundations.sealer,
            now: { Int64(Date().timeIntervalSince1970 * 1_000_000) },
            entries: foundations.entries,
            propose: foundations.propose ?? { replica.propose($0, term: $1, epoch: $2, completion: $3) },
            lookUp: { try await store.lookUp(ids: $0, keys: $1) },
            payments: {
                try await store.payments($0, atLeast: $1, deadline: .now + .milliseconds(Self.lookUpPatience))
            },
            appliedIndex: { store.appliedIndex },
            isPostgresReady: { store.state == .ready },
            logBytes: { replica.overview.current.logBytes },
            folded: { index in progress.folded(through: index) },
            canCheckpoint: { [checkpoints] in checkpoints.isIdle },
            checkpointBytes: { [checkpoints] in checkpoints.newestBytes },
            checkpoint: { [checkpoints] fold in checkpoints.write(fold) },
            digest: { state, index in digests.compute(state, at: index) },
            failed: foundations.failed, office: { [notices] term in notices.changed(to: term) })
        var limits = Sequencer.Limits()
        // PostgreSQL must know what memory forgets before that happens.
        limits.recordsUnapplied = min(limits.recordsUnapplied, options.idsRemembered / 4)
        limits.logBytes = options.logBytesMaximum
        let sequencer = Sequencer(
            environment: environment, fold: CommittedFold(state: state, term: term, membership: membership),
            limits: limits, logger: logger)
        self.sequencer = sequencer
        let own = options.node
        intake = Intake(limits: Intake.Limits()) { batch, work, leader, answer in
            if leader == own { return sequencer.submit(work, reply: answer) }
            replica.send(application: PipelineMessage.forward(batch: batch, work).encode(), to: leader) { sent in
                if !sent { answer(.refused(.notLeader)) }
            }
        }
    }

    /// How long a label waits for its payment to come to the leader's PostgreSQL, before it asks again.
    private static let lookUpPatience = 1_000

    public var foldedIndex: LogIndex { progress.folded }
    /// Requests of this node that wait for the leader's answer.
    public var requestsWaiting: Int { intake.depth }

    // MARK: - Life

    /// Begins to follow the log. The replica's delegate is this pipeline.
    public func start() { sequencer.start() }

    /// Answers everyone who still waits, then ends the fold.
    public func stop() {
        backtests.stop()
        intake.stop()
        sequencer.stop()
        notices.finish()
    }

    /// To be called every few milliseconds: deadlines, lost answers, PostgreSQL's pace.
    public func tick() {
        intake.tick()
        sequencer.look()
    }

    /// Drops the part of the log that nobody needs any more. To be called every second or so.
    public func compact() async {
        let pressure = LogPressure(
            bytes: replica.overview.logBytes, retained: logBytesRetained, maximum: logBytesMaximum)
        guard
            let through = progress.compactable(
                checkpoint: checkpoints.coveredIndex, flushed: store.flushedIndex, pressure: pressure)
        else { return await replica.releaseSnapshots() }
        await replica.compact(through: through, keepsSnapshots: pressure != .extreme)
    }

    // MARK: - Work

    /// Carries a submission to the log: returns once it is committed on a majority.
    public func submit(_ submission: Submission) async throws(BackendError) -> SubmissionReceipt {
        let group = try submissions.group(submission)
        let deadline = ContinuousClock.now + .milliseconds(submission.deadlineMilliseconds)
        let (index, answer) = try await intake.submit(.groups([group]), deadline: deadline)
        guard case .groups(let outcomes) = answer, outcomes.count == 1 else {
            throw .internal("no outcome for a group")
        }
        switch outcomes[0] {
        case .accepted(let outcomes):
            guard outcomes.count == group.records.count else {
                throw .internal("\(outcomes.count) outcomes for \(group.records.count) records")
            }
            let items = zip(group.records, outcomes).map { Self.item($0.id, $1) }
            return try await receipt(items, at: index, submission, deadline)
        case .duplicateKey(let first, let count):
            let ids = Self.ids(first: first, count: count, of: submission)
            let items = ids.map { SubmissionReceipt.Item(id: $0, isDuplicate: true, verdict: nil) }
            return try await receipt(items, at: index, submission, deadline)
        case .keyReused: throw .idempotencyKeyReused
        case .idReused(let ids): throw .transactionIDReused(ids)
        case .streamed, .streamRefused: throw .internal("a request was answered like a stretch of a stream")
        }
    }

    /// Puts a barrier into the log, at which every node computes its digest; returns where it stands.
    public func startVerification(deadlineMilliseconds: Int) async throws(BackendError) -> LogIndex {
        let deadline = ContinuousClock.now + .milliseconds(deadlineMilliseconds)
        return try await intake.submit(.verification(id: .random(in: .min ... .max)), deadline: deadline).index
    }

    /// Carries work of any kind to the log: returns once it is committed on a majority.
    func carry(
        _ work: Work, deadlineMilliseconds: Int
    ) async throws(BackendError) -> (index: LogIndex, answer: WorkAnswer) {
        try await intake.submit(work, deadline: ContinuousClock.now + .milliseconds(deadlineMilliseconds))
    }

    private static func item(_ id: TransactionID, _ outcome: RecordOutcome) -> SubmissionReceipt.Item {
        switch outcome {
        case .accepted(let decision, let score, let reasons):
            SubmissionReceipt.Item(
                id: id, isDuplicate: false,
                verdict: Judgement(decision: decision, score: score, reasonsJSON: reasons))
        case .duplicate:
            SubmissionReceipt.Item(id: id, isDuplicate: true, verdict: nil)
        }
    }

    /// The ids that the first request with this key had: the client's own, or consecutive ones.
    private static func ids(first: TransactionID, count: Int, of submission: Submission) -> [TransactionID] {
        let given = submission.transactions.compactMap(\.id)
        if !given.isEmpty { return given }
        return (0..<count).map { first.advanced(by: $0) }
    }

    /// Fills in the first verdicts of duplicates, where the client waits for them.
    private func receipt(
        _ items: [SubmissionReceipt.Item], at index: LogIndex, _ submission: Submission,
        _ deadline: ContinuousClock.Instant
    ) async throws(BackendError) -> SubmissionReceipt {
        guard submission.wantsVerdicts, items.contains(where: { $0.verdict == nil }) else {
            return SubmissionReceipt(items: items, commitIndex: index.rawValue)
        }
        var filled: [SubmissionReceipt.Item] = []
        for item in items {
            guard item.verdict == nil else {
                filled.append(item)
                continue
            }
            // It is committed, whatever becomes of this read.
            let stored = try? await stored(item.id, atLeast: index, deadline: deadline)
            filled.append(SubmissionReceipt.Item(id: item.id, isDuplicate: true, verdict: stored.map(Self.verdict)))
        }
        return SubmissionReceipt(items: filled, commitIndex: index.rawValue)
    }
}

/// What the replica tells.
extension Pipeline {
    public func statusChanged(_ status: Status) {
        sequencer.statusChanged(status)
        intake.leadershipChanged(leader: status.leader, term: status.term)
    }

    public func committed(through index: LogIndex) {
        sequencer.committed(through: index)
        store.commitAdvanced(to: index)
    }

    public func received(_ content: [UInt8], from peer: NodeID) {
        do {
            switch try content.withUnsafeBytes({ try PipelineMessage.decode($0) }) {
            case .forward(let batch, let work):
                sequencer.submit(work) { [replica] outcome in
                    replica.send(application: PipelineMessage.reply(batch: batch, outcome).encode(), to: peer)
                }
            case .reply(let batch, let outcome):
                intake.answered(batch: batch, outcome)
            }
        } catch {
            logger.error("dropped a malformed message", metadata: ["peer": "\(peer)", "error": "\(error)"])
        }
    }

    public func peerConnected(_ peer: NodeID) { intake.peerConnected(peer) }
    public func peerLost(_ peer: NodeID) { intake.peerLost(peer) }

    public func compactionFloorRose(to index: LogIndex) {
        progress.compactionFloorRose(to: index)
    }
}
