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
            records.append(
                IntakeRecord(
                    sealing: submitted.transaction, id: id, isOccurrenceGiven: submitted.isOccurrenceGiven, sealer,
                    blindIndex))
        }
        let key = submission.idempotencyKey.map { IdempotencyKey(subject: submission.subject, key: $0, blindIndex) }
        return IntakeGroup(
            key: key, keyFingerprint: key == nil ? 0 : fingerprint(of: records, idsGiven: given > 0),
            records: records, mayBeKnown: given > 0)
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
