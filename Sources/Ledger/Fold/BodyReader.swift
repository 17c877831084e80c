import Bytes
import Detection
import Security

/// Opens sealed bodies one after the other into the same memory.
struct BodyReader {
    private let sealer: Sealer
    private var plain: [UInt8] = []

    init(sealer: Sealer) { self.sealer = sealer }

    /// The events of all records, in order.
    consuming func events(of groups: [LedgerGroup]) throws(LedgerError) -> [PaymentEvent] {
        var events: [PaymentEvent] = []
        events.reserveCapacity(groups.reduce(0) { $0 + $1.records.count })
        for (position, group) in groups.enumerated() {
            for record in group.records {
                events.append(try event(record.id, record.userKey, record.body, group: position))
            }
        }
        return events
    }

    /// What the labels say of their payments, in order.
    consuming func events(of labels: [LedgerLabel]) throws(LedgerError) -> [LabelEvent] {
        var events: [LabelEvent] = []
        events.reserveCapacity(labels.count)
        for (position, label) in labels.enumerated() { events.append(try event(of: label, at: position)) }
        return events
    }

    mutating func event(of label: LedgerLabel, at position: Int) throws(LedgerError) -> LabelEvent {
        LabelEvent(
            payment: try event(label.id, label.userKey, label.body, group: position), verdict: label.verdict,
            previous: label.previous, labelledAtMicroseconds: label.labelledAtMicroseconds)
    }

    /// The event in `body`, which must be that of the user and the id around it.
    mutating func event(
        _ id: TransactionID, _ userKey: UInt64, _ body: [UInt8], group: Int
    ) throws(LedgerError) -> PaymentEvent {
        do throws(SecurityError) {
            try body.withUnsafeBufferPointer { sealed throws(SecurityError) in
                try id.withBigEndianBytes { associatedData throws(SecurityError) in
                    try sealer.open(UnsafeRawBufferPointer(sealed), associatedData: associatedData, into: &plain)
                }
            }
        } catch {
            throw .sealedBody(group: group, id: id, cause: error)
        }
        let event: PaymentEvent
        do throws(MalformedBytes) {
            event = try plain.withUnsafeBufferPointer { bytes throws(MalformedBytes) in
                try TransactionBody.decodeEvent(UnsafeRawBufferPointer(bytes))
            }
        } catch {
            throw .malformedBody(group: group, id: id, reason: error.description)
        }
        guard event.userKey == userKey else {
            throw .malformedBody(group: group, id: id, reason: "the body belongs to another user than the record")
        }
        return event
    }
}
