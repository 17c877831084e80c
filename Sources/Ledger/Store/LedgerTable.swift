/// A table that entries are applied to, and its columns in the order in which rows travel.
enum LedgerTable: String, CaseIterable {
    case transactions
    case idempotencyKeys = "idempotency_keys"
    case labels
    case detectionChanges = "detection_changes"
    case streamOffsets = "stream_offsets"
    case deadLetters = "dead_letters"
    case alerts
    case alertReviews = "alert_reviews"

    var columnList: String {
        switch self {
        case .transactions:
            """
            id, log_index, position, accepted_at, occurred_at, user_key, decision, score, reasons, fingerprint, body, \
            model_id, rules_score, forest_score, transformer_score, probability, shadow_model_id, shadow_probability, \
            shadow_decision
            """
        case .idempotencyKeys: "key, first_id, count, fingerprint, accepted_at"
        case .labels: "transaction_id, log_index, position, verdict, previous, source, labelled_at"
        case .detectionChanges: "log_index, changed_at, author, change"
        case .streamOffsets: "topic, partition, cluster_id, next_offset, log_index"
        case .deadLetters:
            "log_index, position, topic, partition, stream_offset, created_at, reason, detail, transaction_id, content"
        case .alerts:
            "id, log_index, position, user_key, decision, score, created_at, state, assignee, revision, last_review"
        case .alertReviews:
            "log_index, position, transaction_id, revision, reviewed_at, author, action, state, assignee, number, note"
        }
    }

    /// A unique order of the rows.
    var order: String {
        switch self {
        case .transactions: "id"
        case .idempotencyKeys: "key"
        case .labels: "log_index, position"
        case .detectionChanges: "log_index"
        case .streamOffsets: "topic, partition"
        case .deadLetters, .alerts, .alertReviews: "log_index, position"
        }
    }
}
