import DequeModule
import Detection
package import Ledger
package import Logging
package import Raft
import Security
import Synchronization
import Threads

/// Keeps the ledger's fold in step with the log and, on the leader, decides the order of new work.
///
/// One thread of its own. Committed entries are folded as they come. While this node leads, the fold runs ahead of
/// commit: work is deduplicated, scored against the profiles as they will be, and proposed; when its entry is committed
/// it is only confirmed. When the office is lost, what was not committed is undone, last first.
package final class Sequencer: @unchecked Sendable {
    package typealias Reply = @Sendable (WorkOutcome) -> Void

    /// An entry that is proposed and not yet committed.
    struct Speculation {
        var sequence: UInt64
        /// Nil for a verification, which changes nothing.
        var undo: LedgerUndo?
        var records: Int
        var replies: [(reply: Reply, answer: WorkAnswer)]
        /// What was read of the fold while this was the newest of it.
        var readers: [Reader] = []
    }

    /// Somebody who looked at the fold, and hears of it when all that was there is committed.
    struct Reader {
        let look: @Sendable (LedgerState, Judge) -> @Sendable () -> Void
        let failed: @Sendable () -> Void
        let deliver: @Sendable () -> Void
    }

    enum Office {
        case follower
        /// Elected; what the predecessors left is not committed yet, so nothing can be scored.
        case elected
        case leading(Term)
    }

    let environment: SequencerEnvironment
    let limits: Limits
    let logger: Logger
    let inbox = Monitor(SequencerInbox())
    private let thread = Mutex<DedicatedThread?>(nil)

    // The thread's own from here on.
    var state: LedgerState
    var office = Office.follower
    var folded: LogIndex
    var foldedTerm: Term
    var membership: Membership
    var committed: LogIndex
    var speculations: Deque<Speculation> = []
    var waiting: Deque<QueuedWork> = []
    /// The entry proposed last.
    var lastEntry = (at: ContinuousClock.now, records: 0)
    var sequence: UInt64 = 0
    var epoch: UInt64 = 1
    var unapplied = UnappliedRecords()
    var checkpoints: CheckpointSchedule
    let judge: Judge

    package init(
        environment: SequencerEnvironment, fold: CommittedFold, limits: Limits, logger: Logger
    ) {
        self.environment = environment
        state = fold.state
        folded = fold.index
        foldedTerm = fold.term
        membership = fold.membership
        committed = fold.index
        self.limits = limits
        judge = Judge(onFault: { [logger] fault in logger.critical("\(fault)") })
        self.logger = logger
        checkpoints = CheckpointSchedule(last: fold.index, bytesBetween: limits.bytesPerCheckpoint)
    }

    // MARK: - From other threads

    package func start() {
        thread.withLock { thread in
            precondition(thread == nil, "a sequencer starts once")
            thread = DedicatedThread(name: "ledger") { [self] in run() }
        }
    }

    /// Ends the thread, once what it has in hand is answered.
    package func stop() {
        enter(.stop)
        thread.withLock { $0 }?.join()
    }

    package func statusChanged(_ status: Status) { enter(.status(status)) }
    package func committed(through index: LogIndex) { enter(.committed(index)) }
    /// Something that work may wait for has changed.
    package func look() { enter(.look) }

    /// Asks for the work to be put into the log. Answered exactly once, on any thread.
    package func submit(_ work: Work, reply: @escaping Reply) {
        let bytes = work.byteCount
        let refusal = inbox.withLock { inbox -> WorkRefusal? in
            if inbox.isStopped { return .notLeader }
            guard inbox.works < limits.worksWaiting, inbox.bytes + bytes <= limits.bytesWaiting else {
                return .overloaded
            }
            inbox.works += 1
            inbox.bytes += bytes
            return nil
        }
        if let refusal { return reply(.refused(refusal)) }
        enter(
            QueuedWork(work: work) { [self] outcome in
                inbox.withLock { inbox in
                    inbox.works -= 1
                    inbox.bytes -= bytes
                }
                reply(outcome)
            })
    }

    /// Replaces the fold by that of a snapshot, unless it has come as far itself. The log need not hold anything at or
    /// below the snapshot's index; what is committed after it is folded from the log as ever.
    ///
    /// For a follower: a leader refuses, and nothing has changed. Answered exactly once, on any thread.
    package func install(
        _ fold: CommittedFold, completion: @escaping @Sendable (Result<Void, SequencerError>) -> Void
    ) {
        if !enter(.install(fold, completion)) { completion(.failure(.stopped)) }
    }

    /// The fold as it is committed now. Answered exactly once, on any thread.
    package func committedFold(completion: @escaping @Sendable (Result<CommittedFold, SequencerError>) -> Void) {
        if !enter(.askForFold(completion)) { completion(.failure(.stopped)) }
    }

    /// Looks at the fold on its own thread. The answer comes when everything that the fold held is committed.
    ///
    /// Throws `SequencerError.stopped`.
    package func read<Value: Sendable>(_ look: @escaping @Sendable (LedgerState, Judge) -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            let input = SequencerInput.read(
                { state, judge in
                    let value = look(state, judge)
                    return { continuation.resume(returning: value) }
                },
                failed: { continuation.resume(throwing: SequencerError.stopped) })
            if !enter(input) { continuation.resume(throwing: SequencerError.stopped) }
        }
    }

    /// False after the end: then nothing comes of it.
    @discardableResult
    func enter(_ input: SequencerInput) -> Bool {
        inbox.update { inbox in
            guard !inbox.isStopped else { return false }
            inbox.inputs.append(input)
            return true
        }
    }

    func enter(_ work: QueuedWork) {
        if !enter(.work(work)) { work.reply(.refused(.notLeader)) }
    }

    // MARK: - The thread

    func run() {
        while true {
            var inputs = nextInputs()[...]
            do {
                while let input = inputs.popFirst() {
                    if case .stop = input { return shutDown(unhandled: inputs) }
                    try handle(input)
                }
                try takeWaiting()
            } catch {
                environment.failed(error)
                return shutDown(unhandled: inputs)
            }
        }
    }

    /// What has come in; waits for it, but not beyond the end of the time in which work gathers.
    func nextInputs() -> [SequencerInput] {
        func take(_ inbox: inout SequencerInbox) -> [SequencerInput]? {
            guard !inbox.inputs.isEmpty else { return nil }
            defer { inbox.inputs = [] }
            return inbox.inputs
        }
        guard let gathering = millisecondsToGather() else { return inbox.wait(until: take) }
        return inbox.wait(timeoutMilliseconds: gathering, until: take) ?? []
    }

    /// How long waiting work should still wait for more; nil if there is none that should.
    func millisecondsToGather() -> Int? {
        guard case .leading = office, !waiting.isEmpty, speculations.count < limits.entriesAhead else { return nil }
        let passed = ContinuousClock.now - lastEntry.at
        guard lastEntry.records >= limits.recordsThatGather, passed < .milliseconds(limits.gatherMilliseconds),
            waiting.reduce(0, { $0 + $1.work.byteCount }) < limits.bytesThatHurry
        else { return nil }
        return max(1, limits.gatherMilliseconds - Int(passed / .milliseconds(1)))
    }

    func handle(_ input: SequencerInput) throws {
        switch input {
        case .status(let status): try adopt(status)
        case .committed(let index):
            committed = max(committed, index)
            try foldCommitted()
        case .work(let work):
            if case .follower = office { work.reply(.refused(.notLeader)) } else { waiting.append(work) }
        case .refused(let sequence): retract(from: sequence, as: .notLeader)
        case .install(let fold, let completion): install(fold, completion)
        case .askForFold(let completion): completion(.success(committedFold))
        case .read(let look, let failed): read(look, failed: failed)
        case .look, .stop: break
        }
    }

    func shutDown(unhandled: ArraySlice<SequencerInput>) {
        let late = inbox.withLock { inbox in
            inbox.isStopped = true
            defer { inbox.inputs = [] }
            return inbox.inputs
        }
        for input in unhandled + late {
            switch input {
            case .work(let work): work.reply(.refused(.notLeader))
            case .install(_, let completion): completion(.failure(.stopped))
            case .askForFold(let completion): completion(.failure(.stopped))
            case .read(_, let failed): failed()
            case .status, .committed, .refused, .look, .stop: break
            }
        }
        for work in waiting { work.reply(.refused(.notLeader)) }
        for speculation in speculations {
            for (reply, _) in speculation.replies { reply(.refused(.leadershipLost)) }
            for reader in speculation.readers { reader.failed() }
        }
        waiting.removeAll()
        speculations.removeAll()
    }

    func read(
        _ look: @escaping @Sendable (LedgerState, Judge) -> @Sendable () -> Void, failed: @escaping @Sendable () -> Void
    ) {
        let deliver = look(state, judge)
        guard !speculations.isEmpty else { return deliver() }
        speculations[speculations.count - 1].readers.append(Reader(look: look, failed: failed, deliver: deliver))
    }
}
