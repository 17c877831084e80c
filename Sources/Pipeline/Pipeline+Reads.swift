public import Ledger
import Postgres
public import Raft
import Replica
import Security

extension Pipeline {
    /// The transaction with this id; nil if there is none.
    public func transaction(
        _ id: TransactionID, consistency: ReadConsistency, deadlineMilliseconds: Int
    ) async throws(BackendError) -> TransactionView? {
        let deadline = ContinuousClock.now + .milliseconds(deadlineMilliseconds)
        let floor = try await freshness(consistency, deadline: deadline)
        guard let stored = try await stored(id, atLeast: floor, deadline: deadline) else { return nil }
        return try view(stored)
    }

    /// One page of a list; `TransactionQuery` says of what.
    public func transactions(
        _ query: TransactionQuery, consistency: ReadConsistency, deadlineMilliseconds: Int
    ) async throws(BackendError) -> TransactionPage {
        let deadline = ContinuousClock.now + .milliseconds(deadlineMilliseconds)
        let floor = try await freshness(consistency, deadline: deadline)
        let filter = TransactionFilter(
            userKey: query.userID.map { blindIndex.index($0, in: .user) }, decision: query.decision,
            fromMicroseconds: query.fromMicroseconds, toMicroseconds: query.toMicroseconds)
        let page = try await reading {
            try await store.transactions(
                filter, limit: query.limit, after: query.after, atLeast: floor, deadline: deadline)
        }
        var views: [TransactionView] = []
        for stored in page.transactions { views.append(try view(stored)) }
        return TransactionPage(transactions: views, next: page.next)
    }

    /// What this node can say of its content at a verification's index; waits for it a little.
    public func digest(at index: LogIndex, deadlineMilliseconds: Int) async throws(BackendError) -> DigestAnswer {
        let deadline = ContinuousClock.now + .milliseconds(deadlineMilliseconds)
        do {
            let content = try await store.digest(at: index, deadline: deadline)
            // PostgreSQL only ever applies what the fold's thread is given too.
            while true {
                switch digests.digest(at: index) {
                case .some(.some(let fold)):
                    return .known(
                        NodeDigest(
                            node: node.number, index: index.rawValue,
                            digest: "\(content.sha256)-\(fold)",
                            transactions: UInt64(content.transactions)))
                case .some(.none), nil:
                    guard ContinuousClock.now < deadline else { return .computing }
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
        } catch let error as LedgerStoreError {
            switch error {
            case .digestNotReadyInTime: return .computing
            case .noDigest: return .unknown
            default: throw .internal("\(error)")
            }
        } catch {
            throw .internal("\(error)")
        }
    }

    /// The index that a read must see applied. Zero: whatever is there.
    func freshness(
        _ consistency: ReadConsistency, deadline: ContinuousClock.Instant
    ) async throws(BackendError) -> LogIndex {
        guard consistency == .linearizable else { return .zero }
        while true {
            if let index = await replica.readIndex() { return index }
            guard ContinuousClock.now + .milliseconds(10) < deadline, !Task.isCancelled else {
                throw .unavailable(
                    reason: "no leader could confirm the read: a majority may be away", retryAfterSeconds: 1)
            }
            // An election is under way: ask the next leader.
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    func stored(
        _ id: TransactionID, atLeast floor: LogIndex, deadline: ContinuousClock.Instant
    ) async throws(BackendError) -> StoredTransaction? {
        try await reading { try await store.transaction(id, atLeast: floor, deadline: deadline) }
    }

    func reading<Value: Sendable>(_ body: () async throws -> Value) async throws(BackendError) -> Value {
        do {
            return try await body()
        } catch let error as PostgresError where error.kind == .queueFull || error.kind == .queuedTooLong {
            throw .overloaded(reason: "too many reads wait for this node's PostgreSQL", retryAfterSeconds: 1)
        } catch let error as PostgresError {
            throw error.isTemporary || error.kind == .closed
                ? .unavailable(reason: "this node's PostgreSQL is away", retryAfterSeconds: 1) : .internal("\(error)")
        } catch let error as LedgerStoreError {
            switch error {
            case .notAppliedInTime, .tooManyWaiters:
                throw .unavailable(reason: "this node's PostgreSQL lags: \(error)", retryAfterSeconds: 1)
            default: throw .internal("\(error)")
            }
        } catch {
            throw .internal("\(error)")
        }
    }

    func view(_ stored: StoredTransaction) throws(BackendError) -> TransactionView {
        TransactionView(
            id: stored.id, transaction: try open(stored.body, of: stored.id),
            acceptedAtMicroseconds: stored.acceptedAtMicroseconds,
            logIndex: stored.logIndex.rawValue, verdict: Self.verdict(stored),
            detection: DetectionScores(stored.judging),
            label: stored.label.map {
                LabelView(
                    verdict: $0.verdict, source: $0.source, labelledAtMicroseconds: $0.labelledAtMicroseconds,
                    logIndex: $0.logIndex.rawValue)
            })
    }

    /// What a sealed body says.
    func open(_ body: [UInt8], of id: TransactionID) throws(BackendError) -> Transaction {
        var plain: [UInt8] = []
        do {
            try id.withBigEndianBytes { associatedData in
                try body.withUnsafeBytes { sealed in
                    try sealer.open(sealed, associatedData: associatedData, into: &plain)
                }
            }
            return try plain.withUnsafeBytes { try TransactionBody.decode($0) }
        } catch {
            throw .internal("the body of \(id) can't be opened: \(error)")
        }
    }

    static func verdict(_ stored: StoredTransaction) -> Judgement {
        Judgement(decision: stored.decision, score: stored.score, reasonsJSON: stored.reasons)
    }
}
