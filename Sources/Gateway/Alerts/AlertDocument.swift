import Bytes
import Ledger
public import Pipeline

/// An alert as the API shows it, and as streams, webhooks and the topic carry it.
public enum AlertDocument {
    /// A JSON object.
    public static func encode(_ alert: AlertView) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(768)
        append(alert, to: &bytes)
        return bytes
    }

    static func append(_ alert: AlertView, to bytes: inout [UInt8]) {
        appendFields(of: alert, to: &bytes)
        JSONBytes.append("}", to: &bytes)
    }

    /// With what was done with it.
    static func append(_ history: AlertHistoryView, to bytes: inout [UInt8]) {
        appendFields(of: history.alert, to: &bytes)
        JSONBytes.append(",\"reviews\":[", to: &bytes)
        for (place, review) in history.reviews.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            append(review, to: &bytes)
        }
        JSONBytes.append("]}", to: &bytes)
    }

    private static func appendFields(of alert: AlertView, to bytes: inout [UInt8]) {
        JSONBytes.append("{\"id\":", to: &bytes)
        TransactionJSON.append(alert.transaction.id, to: &bytes)
        JSONBytes.append(",\"position\":\"", to: &bytes)
        bytes.append(contentsOf: alert.position.description.utf8)
        JSONBytes.append("\",\"created_at\":", to: &bytes)
        JSONBytes.append(time: alert.createdAtMicroseconds, to: &bytes)
        JSONBytes.append(",\"state\":\"", to: &bytes)
        bytes.append(contentsOf: alert.standing.state.name.utf8)
        JSONBytes.append("\",\"assignee\":", to: &bytes)
        JSONBytes.append(nullable: alert.standing.assignee, to: &bytes)
        JSONBytes.append(",\"revision\":", to: &bytes)
        JSONBytes.append(number: alert.standing.revision, to: &bytes)
        JSONBytes.append(",\"transaction\":", to: &bytes)
        TransactionJSON.append(alert.transaction, to: &bytes)
    }

    private static func append(_ review: ReviewView, to bytes: inout [UInt8]) {
        JSONBytes.append("{\"revision\":", to: &bytes)
        JSONBytes.append(number: review.revision, to: &bytes)
        JSONBytes.append(",\"reviewed_at\":", to: &bytes)
        JSONBytes.append(time: review.reviewedAtMicroseconds, to: &bytes)
        JSONBytes.append(",\"author\":", to: &bytes)
        JSONBytes.append(string: review.author, to: &bytes)
        JSONBytes.append(",\"action\":", to: &bytes)
        JSONBytes.append(string: review.action, to: &bytes)
        JSONBytes.append(",\"state\":\"", to: &bytes)
        bytes.append(contentsOf: review.state.name.utf8)
        JSONBytes.append("\",\"assignee\":", to: &bytes)
        JSONBytes.append(nullable: review.assignee, to: &bytes)
        JSONBytes.append(",\"note\":", to: &bytes)
        JSONBytes.append(nullable: review.note, to: &bytes)
        JSONBytes.append(",\"log_index\":", to: &bytes)
        JSONBytes.append(number: review.logIndex, to: &bytes)
        JSONBytes.append("}", to: &bytes)
    }
}
