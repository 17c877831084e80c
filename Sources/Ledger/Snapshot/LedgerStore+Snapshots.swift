import Threads

extension LedgerStore {
    /// A database that lags behind the checkpoint is waited for so long.
    private static let catchUpSeconds = 60

    /// Writes a snapshot of the tables as they are now, together with a checkpoint, into a file. Applying and reading go
    /// on meanwhile. One at a time; cancelling the task gives it up.
    ///
    /// - Parameters:
    ///   - path: the file is there only when it is whole and durable.
    ///   - checkpoint: of this cluster; the database must come to hold all that it does.
    ///   - id: names this one file.
    /// - Throws: `LedgerSnapshotError`; `LedgerStoreError` if the store is closed, has failed or lags too far behind the
    ///   checkpoint; `CancellationError`.
    public func exportSnapshot(
        to path: String, checkpoint: LedgerCheckpoint, id: UInt64
    ) async throws -> LedgerSnapshotReceipt {
        try await waitUntilApplied(checkpoint.index, deadline: .now + .seconds(Self.catchUpSeconds))
        return try await exporter.export(to: path, checkpoint: checkpoint, id: id)
    }

    /// Puts the content of a snapshot in the place of all that the database holds, and goes on from there.
    ///
    /// Applying pauses. The file is checked wholly before the database is touched; then everything is replaced in one
    /// database transaction, so that after an interruption at any moment the old content is there or the new. A database
    /// that is away is waited for. Digests and exports under way are given up; queries wait. One at a time; cancelling
    /// the task gives it up, unless it is too late: then this returns.
    ///
    /// An installation that the end of the process may have interrupted is done again with
    /// `LedgerStoreOptions.firstSnapshotPath`.
    ///
    /// - Parameters:
    ///   - path: the file; it must stay as it is until this returns.
    ///   - accept: called on the apply thread with what the file holds, before the database is touched; what it throws is
    ///     passed on, and nothing has changed.
    /// - Throws: `LedgerSnapshotError`; `LedgerStoreError` if the store is closed or has failed; `CancellationError`. The
    ///   database is as it was then, except when the store is closed while the server commits.
    @discardableResult
    public func installSnapshot(
        path: String, accept: @escaping @Sendable (LedgerSnapshot) throws -> Void = { _ in }
    ) async throws -> LedgerSnapshot {
        let number = UInt64.random(in: .min ... .max)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let request = InstallationRequest(
                    number: number, path: path, accept: accept, continuation: continuation)
                let refusal = signal.update { signal -> (any Error)? in
                    if signal.isOver || signal.isClosing { return status.finalError ?? LedgerStoreError.closed }
                    if signal.installation != nil { return LedgerSnapshotError.busy }
                    if Task.isCancelled { return CancellationError() }
                    signal.installation = request
                    return nil
                }
                if let refusal { continuation.resume(throwing: refusal) }
            }
        } onCancel: {
            signal.update { signal in
                if signal.installation?.number == number { signal.installation?.isCancelled = true }
            }
        }
    }
}
