import Detection
import Foundation
import Ledger
import Raft

extension Pipeline {
    /// Labels in one call.
    public static let labelsPerRequest = 4096

    /// Carries labels to the log: returns once they are committed on a majority. The same label again changes nothing.
    public func label(
        _ labels: [LabelRequest], deadlineMilliseconds: Int
    ) async throws(BackendError) -> LabelReceipt {
        guard 1...Self.labelsPerRequest ~= labels.count else {
            throw .invalid([
                InvalidField(field: "labels", reason: "must be 1 to \(Self.labelsPerRequest), are \(labels.count)")
            ])
        }
        let now = Int64(Date().timeIntervalSince1970 * 1_000_000)
        var intake: [IntakeLabel] = []
        intake.reserveCapacity(labels.count)
        for label in labels {
            guard IntakeLabel.isValid(source: label.source) else {
                throw .invalid([
                    InvalidField(
                        field: "source",
                        reason: "must be 1 to \(IntakeLabel.maximumSourceBytes) bytes without control characters")
                ])
            }
            let time = label.labelledAtMicroseconds ?? now
            guard PaymentEvent.occurredAtRange ~= time else {
                throw .invalid([InvalidField(field: "labelled_at", reason: "must be in the years 1970 to 9999")])
            }
            intake.append(
                IntakeLabel(
                    id: label.transactionID, verdict: label.verdict, source: label.source, labelledAtMicroseconds: time)
            )
        }
        let (index, answer) = try await carry(.labels(intake), deadlineMilliseconds: deadlineMilliseconds)
        guard case .labels(let outcomes) = answer, outcomes.count == labels.count else {
            throw .internal("no outcome for each label")
        }
        return LabelReceipt(outcomes: outcomes, commitIndex: index.rawValue)
    }
}
