import Detection
import Foundation
import Ledger
import Logging
import Postgres
import Raft
import Security
import Synchronization
import Threads

/// Judges stored payments again by other rules: one run at a time, on a thread and over a connection of its own.
///
/// Profiles, lists and models live through the history from its beginning, by the code that made them live; so each
/// payment meets what it met then.
final class BacktestRunner: Sendable {
    private static let kept = 8
    private static let paymentsBetweenReports: UInt64 = 1_000

    private struct Run: Sendable {
        var status: BacktestStatus
        let interrupter = PostgresInterrupter()
        var isCancelled = false
    }

    private struct Content: Sendable {
        /// Oldest first; only the last one may be running.
        var runs: [Run] = []
        var isStopped = false
    }

    private struct Cancelled: Error {}

    private let store: LedgerStore
    private let sealer: Sealer
    private let configuration: LedgerConfiguration
    private let logger: Logger
    private let content = Mutex(Content())
    private let thread = Mutex<DedicatedThread?>(nil)

    init(store: LedgerStore, sealer: Sealer, configuration: LedgerConfiguration, logger: Logger) {
        self.store = store
        self.sealer = sealer
        self.configuration = configuration
        self.logger = logger
    }

    var all: [BacktestStatus] { content.withLock { $0.runs.reversed().map(\.status) } }

    /// - Parameter rules: nil: those that were in force.
    func start(
        _ request: BacktestRequest, rules: RuleProgram?, author: String
    ) throws(BackendError) -> BacktestStatus {
        let status = BacktestStatus(
            id: String(UInt64.random(in: .min ... .max), radix: 16), request: request, author: author, state: .running,
            startedAtMicroseconds: Int64(Date().timeIntervalSince1970 * 1_000_000), processed: 0, total: 0,
            throughIndex: 0, report: nil)
        let refusal = content.withLock { content -> BackendError? in
            if content.isStopped { return .unavailable(reason: "this node is stopping", retryAfterSeconds: 1) }
            if let last = content.runs.last, last.status.state == .running {
                return .conflict(code: .backtestUnderWay, detail: "backtest \(last.status.id) is running")
            }
            content.runs = content.runs.suffix(Self.kept) + [Run(status: status)]
            return nil
        }
        if let refusal { throw refusal }
        thread.withLock { thread in
            // The one before has ended.
            thread?.join()
            thread = DedicatedThread(name: "backtest") { [self] in run(status.id, request, rules) }
        }
        return status
    }

    func cancel(_ id: String) {
        content.withLock { content in
            guard let last = content.runs.indices.last, content.runs[last].status.id == id else { return }
            content.runs[last].isCancelled = true
            content.runs[last].interrupter.interrupt()
        }
    }

    func stop() {
        let running = content.withLock { content in
            content.isStopped = true
            return content.runs.last?.status.id
        }
        if let running { cancel(running) }
        thread.withLock { $0?.join() }
    }

    // MARK: - The thread

    private func run(_ id: String, _ request: BacktestRequest, _ rules: RuleProgram?) {
        let outcome = Result { try report(request, rules) }
        update { run in
            switch outcome {
            case .success(let report):
                run.status.report = report
                run.status.state = .finished
            case .failure(let error):
                run.status.state = run.isCancelled ? .cancelled : .failed(reason: "\(error)")
            }
        }
        logger.info("backtest ended", metadata: ["id": "\(id)", "outcome": "\(all.first?.state ?? .cancelled)"])
    }

    /// Changes the run under way.
    private func update(_ change: (inout Run) -> Void) {
        content.withLock { change(&$0.runs[$0.runs.count - 1]) }
    }

    private func report(_ request: BacktestRequest, _ rules: RuleProgram?) throws -> BacktestReport {
        let interrupter = content.withLock { $0.runs[$0.runs.count - 1].interrupter }
        let history = try store.openHistory(interrupter: interrupter)
        update { run in
            run.status.total = UInt64(history.transactions)
            run.status.throughIndex = history.through.rawValue
        }
        var replay = HistoryReplay(configuration: configuration, sealer: sealer)
        let judge = Judge(trial: rules, isAlone: true)
        var backtest = Backtest(rules: rules)
        var processed: UInt64 = 0
        let range = (request.fromMicroseconds ?? .min)..<(request.toMicroseconds ?? .max)
        try history.read { item in
            try replay.take(item) { moment, replay in
                processed += 1
                if processed.isMultiple(of: Self.paymentsBetweenReports) { try note(processed) }
                guard range.contains(moment.transaction.acceptedAtMicroseconds) else { return }
                judge.adopt(replay.registry)
                judge.stage(moment.event, moment.observation, history: moment.history)
                let assessment = judge.judgeStaged()[0].assessment
                backtest.note(
                    BacktestVerdict(
                        decision: assessment.decision, fired: assessment.reasons.map(\.code),
                        inShadow: assessment.shadowHits.map(\.rule)), stored: moment.transaction.decision,
                    id: moment.transaction.id.description,
                    atMicroseconds: moment.transaction.acceptedAtMicroseconds)
            }
        }
        try note(processed)
        return backtest.report
    }

    private func note(_ processed: UInt64) throws {
        let isCancelled = content.withLock { content in
            content.runs[content.runs.count - 1].status.processed = processed
            return content.runs[content.runs.count - 1].isCancelled
        }
        if isCancelled { throw Cancelled() }
    }
}

extension Pipeline {
    /// Begins to judge stored payments again on this node.
    public func startBacktest(
        _ request: BacktestRequest, author: String
    ) async throws(BackendError) -> BacktestStatus {
        if let from = request.fromMicroseconds, let to = request.toMicroseconds, from >= to {
            throw .invalid([InvalidField(field: "to", reason: "must be after \"from\"")])
        }
        let text: String?
        switch request.rules {
        case .text(let given): text = given
        case .version(let number): text = try await rules(version: number).text
        case .asTheyWere: text = nil
        }
        var program: RuleProgram?
        if let text {
            if let error = validateRules(text) { throw error }
            program = try? RuleProgram(yaml: text)
        }
        return try backtests.start(request, rules: program, author: author)
    }

    /// The newest first.
    public func allBacktests() -> [BacktestStatus] { backtests.all }

    public func backtest(_ id: String) throws(BackendError) -> BacktestStatus {
        guard let status = backtests.all.first(where: { $0.id == id }) else { throw .notFound(what: "backtest \(id)") }
        return status
    }

    /// Ends it soon, if it is running still.
    public func cancelBacktest(_ id: String) throws(BackendError) -> BacktestStatus {
        _ = try backtest(id)
        backtests.cancel(id)
        return try backtest(id)
    }
}
