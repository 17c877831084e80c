import Ledger
import NIOCore
import Pipeline
import Security

/// The bodies of requests that review alerts.
enum ReviewRequests {
    /// A note in which every byte is escaped, and a little more.
    static let maxBodyBytes = 32 * 1024

    /// - Parameter number: nil: the request has none of its own.
    static func review(_ body: ByteBuffer, number: UInt128?) throws(Problem) -> ReviewRequest {
        var fields = try DocumentFields(body, maxBytes: maxBodyBytes)
        let name = fields.string("action")
        let assignee = fields.optionalString("assignee")
        let note = fields.optionalString("note", maxBytes: ReviewNote.maximumBytes)
        let revision = fields.optionalInteger("expected_revision", in: 0...UInt64(UInt32.max))
        var action: ReviewAction?
        if let name { action = Self.action(name, assignee: assignee, &fields) }
        if action == .note, note == nil, !fields.faults.contains(where: { $0.field == "note" }) {
            fields.note("note", "is required with the action \"note\"")
        }
        try fields.finish()
        return ReviewRequest(
            action: action!, note: note, expectedRevision: revision.map { UInt32($0) }, number: number)
    }

    /// Nil only where a fault is noted.
    private static func action(
        _ name: String, assignee: String?, _ fields: inout DocumentFields
    ) -> ReviewAction? {
        if let assignee, !IntakeReview.isValid(assignee: assignee) {
            fields.note(
                "assignee", "must be 1 to \(IntakeReview.maximumAssigneeBytes) bytes without control characters")
        }
        if assignee != nil, name != "assign" { fields.note("assignee", "goes with the action \"assign\" alone") }
        return switch name {
        case "assign": .assign(to: assignee)
        case "confirm": .confirm
        case "dismiss": .dismiss
        case "note": .note
        default: fields.fault("action", "must be \"assign\", \"confirm\", \"dismiss\" or \"note\"")
        }
    }

    /// The same for every repetition of a request, and for no other subject's.
    static func number(of key: String, subject: String) -> UInt128 {
        // A key holds no zero byte: where the subject ends is plain.
        let digest = SHA256Digest(of: Array(subject.utf8) + [0] + Array(key.utf8))
        return digest.bytes.prefix(16).reduce(0) { $0 << 8 | UInt128($1) }
    }
}
