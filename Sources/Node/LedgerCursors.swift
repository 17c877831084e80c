import Deliveries
import Foundation
import Ledger
import Pipeline

/// The cursors of deliveries, as the ledger has them.
struct LedgerCursors: DeliveryCursors {
    /// The node that leads keeps them: what it does not get through soon, the next one repeats.
    private static let deadlineMilliseconds = 2_000

    let pipeline: Pipeline

    func cursor(of channel: String) async throws -> OutboxPosition? {
        try await pipeline.outbox().channels[channel]?.position
    }

    func advance(_ cursors: [String: OutboxPosition]) async throws {
        try await note(
            cursors.sorted { $0.key < $1.key }.map { .delivered(channel: $0.key, through: $0.value) })
    }

    func giveUp(_ delivery: GivenUpDelivery) async throws {
        let failure = FailedDelivery(
            position: delivery.alert.position, id: TransactionID(delivery.alert.id),
            attempts: UInt32(clamping: delivery.attempts), reason: delivery.reason,
            failedAtMicroseconds: Int64(Date().timeIntervalSince1970 * 1e6))
        try await note([.failed(channel: delivery.channel, failure)])
    }

    private func note(_ changes: [OutboxChange]) async throws {
        let receipt = try await pipeline.noteDeliveries(changes, deadlineMilliseconds: Self.deadlineMilliseconds)
        for outcome in receipt.outcomes {
            // The webhook was removed meanwhile, and with it whatever there is to remember.
            if case .refused(let refusal) = outcome, refusal != .unknownChannel { throw refusal }
        }
    }
}
