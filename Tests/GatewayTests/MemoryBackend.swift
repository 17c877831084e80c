import Detection
import Gateway
import Ledger
import Pipeline
import Synchronization

/// A node's stand-in that keeps everything in memory and fails on request.
final class MemoryBackend: GatewayBackend {
    struct State {
        var transactions: [TransactionID: TransactionView] = [:]
        var submissions: [Submission] = []
        var keys: [String: SubmissionReceipt] = [:]
        var lastQuery: TransactionQuery?
        var lastConsistency: ReadConsistency?
        var failure: BackendError?
        var page = TransactionPage(transactions: [], next: nil)
        var health = NodeHealth(isLive: true, isReady: true, isLeader: true)
        var digest = DigestAnswer.unknown
        /// Submissions wait here while it is set.
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    let state = Mutex(State())
    var submissions: [Submission] { state.withLock { $0.submissions } }
    let operations = MemoryAdministration()
    var administration: any ClusterAdministration { operations }
    let engine = MemoryDetection()
    var detection: any DetectionBackend { engine }
    let desk = MemoryAlerts()
    var alerts: any AlertBackend { desk }
    let hooks = MemoryWebhooks()
    var webhooks: any WebhookBackend { hooks }
    let kafka = MemoryStreams()
    var streams: any StreamBackend { kafka }
    private let ids = TransactionIDGenerator()

    func submit(_ submission: Submission) async throws(BackendError) -> SubmissionReceipt {
        await waitWhileHeld()
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return state.withLock { state in
            state.submissions.append(submission)
            let key = submission.idempotencyKey.map { "\(submission.subject) \($0)" }
            if let key, let known = state.keys[key] {
                return SubmissionReceipt(
                    items: known.items.map {
                        .init(id: $0.id, isDuplicate: true, verdict: submission.wantsVerdicts ? $0.verdict : nil)
                    }, commitIndex: 7)
            }
            let items = submission.transactions.map { take($0, submission.wantsVerdicts, &state) }
            let receipt = SubmissionReceipt(items: items, commitIndex: 7)
            if let key { state.keys[key] = receipt }
            return receipt
        }
    }

    private func take(
        _ submitted: SubmittedTransaction, _ wantsVerdict: Bool, _ state: inout State
    ) -> SubmissionReceipt.Item {
        let id = submitted.id ?? ids.next()
        let verdict = Judgement(
            decision: .review, score: 0.5, reasonsJSON: Array(#"[{"code":"test","text":"a test","points":0.5}]"#.utf8))
        guard state.transactions[id] == nil else {
            return .init(id: id, isDuplicate: true, verdict: wantsVerdict ? verdict : nil)
        }
        state.transactions[id] = TransactionView(
            id: id, transaction: submitted.transaction, acceptedAtMicroseconds: 1_763_819_100_250_000, logIndex: 7,
            verdict: verdict)
        return .init(id: id, isDuplicate: false, verdict: verdict)
    }

    private func waitWhileHeld() async {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                if state.isHeld { state.held.append(continuation) }
                return !state.isHeld
            }
            if goesOn { continuation.resume() }
        }
    }

    func release() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    func transaction(
        _ id: TransactionID, consistency: ReadConsistency
    ) async throws(BackendError) -> TransactionView? {
        state.withLock { state in
            state.lastConsistency = consistency
            return state.transactions[id]
        }
    }

    func transactions(
        _ query: TransactionQuery, consistency: ReadConsistency
    ) async throws(BackendError) -> TransactionPage {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return state.withLock { state in
            state.lastQuery = query
            state.lastConsistency = consistency
            return state.page
        }
    }

    func clusterStatus() async -> ClusterStatus {
        ClusterStatus(
            clusterID: "test", node: 1,
            identity: .init(number: 1, life: .init(0x1A2B), boot: 3, state: .member, reason: "began anew"),
            maintenance: true, leader: 2, term: 3, lastIndex: 9, commitIndex: 8, foldedIndex: 8, appliedIndex: 7,
            flushedIndex: 6, firstIndex: 1, logBytes: 4096, postgres: .init(state: .connected),
            membership: .init(voters: [1, 2], outgoing: [1, 2, 3], learners: [4], index: 5, committed: false),
            members: [
                .init(
                    id: 1, life: .init(0x1A2B), role: .voter, address: "127.0.0.1:7101",
                    url: "https://127.0.0.1:8441", reachable: true, matchIndex: 9, lag: 0),
                .init(id: 2, role: .leader, address: "127.0.0.1:7102", reachable: true),
                .init(
                    id: 4, role: .learner, address: "127.0.0.1:7104", reachable: true, matchIndex: 0, lag: 8,
                    state: .snapshot, snapshot: .init(sentBytes: 100, totalBytes: 4000)),
            ])
    }

    var health: NodeHealth { state.withLock { $0.health } }

    func startVerification() async throws(BackendError) -> UInt64 { 42 }

    func contentDigest(at index: UInt64) async throws(BackendError) -> DigestAnswer { state.withLock { $0.digest } }
}
