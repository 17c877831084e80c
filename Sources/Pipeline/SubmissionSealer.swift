import Bytes
import Ledger
import Security

/// Turns what a client sent into what the ledger takes: ids, blind indexes, fingerprints, sealed bodies.
struct SubmissionSealer: Sendable {
    let sealer: Sealer
    let blindIndex: BlindIndex
    let generator: TransactionIDGenerator

    /// Throws `BackendError.invalid` where the submission contradicts itself.
    func group(_ submission: Submission) throws(BackendError) -> IntakeGroup {
        let given = submission.transactions.count { $0.id != nil }
        guard given == 0 || given == submission.transactions.count || submission.idempotencyKey == nil else {
            throw .invalid([
                InvalidField(
                    field: "transaction_id",
                    reason: "must be given for all or for none of the transactions of a request with an Idempotency-Key"
                )
            ])
        }
        var nextID = generator.next(count: max(1, submission.transactions.count - given))
        var records: [IntakeRecord] = []
        records.reserveCapacity(submission.transactions.count)
        for submitted in submission.transactions {
            let id: TransactionID
            if let givenID = submitted.id {
                id = givenID
            } else {
                id = nextID
                nextID = nextID.advanced(by: 1)
            }
            records.append(record(submitted, id: id))
        }
        let key = submission.idempotencyKey.map { key in
            IdempotencyKey(digest: blindIndex.index128("\(submission.subject)\u{0}\(key)", in: .idempotencyKey))
        }
        return IntakeGroup(
            key: key, keyFingerprint: key == nil ? 0 : fingerprint(of: records, idsGiven: given > 0),
            records: records, mayBeKnown: given > 0)
    }

    private func record(_ submitted: SubmittedTransaction, id: TransactionID) -> IntakeRecord {
        let transaction = submitted.transaction
        let body = TransactionBody.encode(transaction, blindIndex)
        let sealed = body.withUnsafeBytes { plain in
            id.withBigEndianBytes { sealer.seal(plain, associatedData: $0) }
        }
        return IntakeRecord(
            id: id, fingerprint: fingerprint(of: submitted, body: body),
            userKey: blindIndex.index(transaction.userID, in: .user),
            occurredAtMicroseconds: transaction.occurredAtMicroseconds, body: sealed)
    }

    /// Of what the client said, so that its repetition has the same: a time that the node filled in does not count.
    private func fingerprint(of submitted: SubmittedTransaction, body: [UInt8]) -> UInt64 {
        guard !submitted.isOccurrenceGiven else { return Fingerprint.ofBody(body, blindIndex) }
        var timeless = submitted.transaction
        timeless.occurredAtMicroseconds = 0
        return Fingerprint.ofBody(TransactionBody.encode(timeless, blindIndex), blindIndex)
    }

    /// Of the request as a whole: what it holds and in which order; the ids count only where the client chose them.
    private func fingerprint(of records: [IntakeRecord], idsGiven: Bool) -> UInt64 {
        var writer = ByteWriter(reservingCapacity: records.count * 24)
        for record in records {
            writer.write(record.fingerprint)
            if idsGiven { writer.write(record.id.rawValue) }
        }
        return writer.bytes.withUnsafeBytes { Fingerprint.ofRequest($0, blindIndex) }
    }
}
