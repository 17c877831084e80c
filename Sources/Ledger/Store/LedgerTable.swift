/// A table that entries are applied to, and its columns in the order in which rows travel.
enum LedgerTable: String, CaseIterable {
    case transactions
    case idempotencyKeys = "idempotency_keys"

    var columnList: String {
        switch self {
        case .transactions:
            "id, log_index, accepted_at, occurred_at, user_key, decision, score, reasons, fingerprint, body"
        case .idempotencyKeys: "key, first_id, count, fingerprint, accepted_at"
        }
    }
}
