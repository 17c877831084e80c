import Ledger
import Logging
import Pipeline
import Security
import Streams

/// Takes dead letters to their topic, on the node that leads: from where the ledger says that the last leader stopped, in
/// order, each at least once.
struct DeadLetterForwarder: Sendable {
    static let channelName = "kafka:dead-letters"
    private static let pageLimit = 100
    private static let deadlineMilliseconds = 5_000
    private static let pause = Duration.seconds(1)

    let pipeline: Pipeline
    let store: LedgerStore
    let publisher: StreamPublisher
    let topic: String
    let keyID: KeyID
    let logger: Logger

    /// Works until the task is cancelled.
    func run() async {
        var isKnown = false
        while !Task.isCancelled {
            do {
                if try await forward() { continue }
                isKnown = false
            } catch {
                if !isKnown, !Task.isCancelled {
                    logger.warning("dead letters can't be forwarded", metadata: ["error": "\(error)"])
                }
                isKnown = true
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// One page; false: there was none.
    private func forward() async throws -> Bool {
        let position = try await pipeline.outbox().channels[Self.channelName]?.position ?? .start
        let page = try await store.deadLetters(
            after: position, limit: Self.pageLimit, deadline: .now + .milliseconds(Self.deadlineMilliseconds))
        guard let last = page.letters.last else { return false }
        try await publisher.publish(
            page.letters.map {
                OutgoingRecord.deadLetter($0.letter, from: $0.partition, keyID: keyID, topic: topic)
            })
        _ = try await pipeline.noteDeliveries(
            [.delivered(channel: Self.channelName, through: last.position)],
            deadlineMilliseconds: Self.deadlineMilliseconds)
        return true
    }
}
