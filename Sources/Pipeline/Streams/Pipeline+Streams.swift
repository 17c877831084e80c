public import Ledger
import Raft
import Security

extension Pipeline {
    /// Records in one stretch, those that are refused included.
    public static let streamRecordsPerRequest = 4_096
    /// Of one stretch, sealed.
    public static let streamBytesPerRequest = 4 << 20

    /// Carries a stretch of a stream, `group.stream`, to the log: answers once it is committed on a majority, or the ledger
    /// says that it does not fit. Those that one thread submits one after the other reach the ledger in that order. Answers
    /// exactly once, on any thread, and perhaps before it returns.
    ///
    /// After an error it may or may not have been taken. The same stretch again is safe: offsets count once.
    public func submitStream(
        _ group: IntakeGroup, deadlineMilliseconds: Int,
        answer: @escaping @Sendable (Result<StreamOutcome, BackendError>) -> Void
    ) {
        guard let stream = group.stream else {
            return answer(.failure(.internal("a request is no stretch of a stream")))
        }
        let work = Work.groups([group])
        guard group.records.count + stream.deadLetters.count <= Self.streamRecordsPerRequest,
            work.byteCount <= Self.streamBytesPerRequest
        else {
            let limit = "\(Self.streamRecordsPerRequest) records and \(Self.streamBytesPerRequest) bytes"
            return answer(.failure(.invalid([InvalidField(field: "records", reason: "must be at most \(limit)")])))
        }
        let deadline = ContinuousClock.now + .milliseconds(deadlineMilliseconds)
        intake.submit(work, deadline: deadline) { result in
            switch result {
            case .success(let (index, outcome)): answer(Self.outcome(outcome, at: index))
            case .failure(let error): answer(.failure(error))
            }
        }
    }

    private static func outcome(_ answer: WorkAnswer, at index: LogIndex) -> Result<StreamOutcome, BackendError> {
        guard case .groups(let outcomes) = answer, outcomes.count == 1 else {
            return .failure(.internal("no outcome for a group"))
        }
        switch outcomes[0] {
        case .streamed(let receipt): return .success(.taken(receipt, commitIndex: index.rawValue))
        case .streamRefused(let refusal): return .success(.refused(refusal))
        case .accepted, .duplicateKey, .keyReused, .idReused:
            return .failure(.internal("a stretch of a stream was answered like a request"))
        }
    }

    /// How far the ledger has come: in order of topic and partition.
    public func streamOffsets(
        consistency: ReadConsistency, deadlineMilliseconds: Int
    ) async throws(BackendError) -> [StreamOffset] {
        try await folded(consistency, deadlineMilliseconds: deadlineMilliseconds)
        return try await read { state, _ in state.streams }.all.map { partition, position in
            StreamOffset(partition: partition, clusterID: position.clusterID, nextOffset: position.nextOffset)
        }
    }

    /// The ledger goes on at `nextOffset` of a stream that is another one now; an operator's word. What lies between is
    /// skipped or comes again.
    public func resetStream(
        _ partition: StreamPartition, clusterID: String, nextOffset: Int64, author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> StreamChangeReceipt {
        var faults: [InvalidField] = []
        if !StreamRange.isValid(clusterID: clusterID) {
            faults.append(
                InvalidField(
                    field: "cluster_id", reason: "must be 1 to \(StreamRange.maximumClusterIDBytes) bytes of UTF-8"))
        }
        if nextOffset < 0 { faults.append(InvalidField(field: "next_offset", reason: "must not be negative")) }
        guard faults.isEmpty else { throw .invalid(faults) }
        let position = StreamPosition(clusterID: clusterID, nextOffset: nextOffset)
        return try await change(
            StreamChange(partition: partition, position: position), author: author,
            deadlineMilliseconds: deadlineMilliseconds)
    }

    /// The ledger forgets a partition: what comes of it next is taken wherever it begins.
    public func forgetStream(
        _ partition: StreamPartition, author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> StreamChangeReceipt {
        try await change(
            StreamChange(partition: partition, position: nil), author: author,
            deadlineMilliseconds: deadlineMilliseconds)
    }

    private func change(
        _ change: StreamChange, author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> StreamChangeReceipt {
        let work = Work.stream(author: Self.bounded(author: author), change)
        let (index, answer) = try await carry(work, deadlineMilliseconds: deadlineMilliseconds)
        guard case .stream(let outcome) = answer else { throw .internal("no outcome for a stream's change") }
        switch outcome {
        case .changed(let previous):
            return StreamChangeReceipt(previous: previous, changed: true, commitIndex: index.rawValue)
        case .unchanged:
            return StreamChangeReceipt(previous: change.position, changed: false, commitIndex: index.rawValue)
        case .refused(let refusal): throw .conflict(code: .tooManyStreams, detail: "\(refusal)")
        }
    }

    /// The dead letters behind `position` that this node's PostgreSQL has, in the order of the log. `limit`: 1...100.
    public func deadLetters(
        after position: OutboxPosition, limit: Int, deadlineMilliseconds: Int
    ) async throws(BackendError) -> DeadLetterPage {
        guard LedgerStore.deadLetterPageLimits ~= limit else {
            throw .invalid([InvalidField(field: "limit", reason: "must be 1 to 100")])
        }
        let deadline = ContinuousClock.now + .milliseconds(deadlineMilliseconds)
        let stored = try await reading {
            try await store.deadLetters(after: position, limit: limit, deadline: deadline)
        }
        var letters: [DeadLetterView] = []
        for letter in stored.letters { letters.append(try view(letter)) }
        return DeadLetterPage(letters: letters, hasMore: stored.hasMore)
    }

    private func view(_ stored: StoredDeadLetter) throws(BackendError) -> DeadLetterView {
        let letter = stored.letter
        let content: DeadLetterView.Content
        if let id = letter.transactionID {
            content = .transaction(id, try open(letter.content, of: id))
        } else {
            do {
                content = .raw(
                    try DeadLetterContent(opening: letter.content, at: letter.offset, of: stored.partition, sealer))
            } catch {
                throw .internal("the dead letter at \(stored.position) can't be opened: \(error)")
            }
        }
        return DeadLetterView(
            position: stored.position, partition: stored.partition, offset: letter.offset,
            createdAtMicroseconds: stored.createdAtMicroseconds, reason: letter.reason, detail: letter.detail,
            content: content)
    }
}
