import Deliveries
import Kafka
import Ledger
import Streams

/// The channel of the topic for alerts. Brokers that are away are waited for, however long: nothing is given up.
struct AlertTopicChannel: AlertChannel {
    static let channelName = "kafka:alerts"

    let publisher: StreamPublisher
    let topic: String

    var name: String { Self.channelName }
    var revision: UInt64 { 0 }

    var options: ChannelOptions {
        ChannelOptions(
            start: .beginning, parallelism: 256, window: 2_000,
            retries: RetryPolicy(attempts: .max, shortest: .milliseconds(200), longest: .seconds(10)),
            circuit: Circuit.Options(failures: 5, shortest: .seconds(1), longest: .seconds(10)))
    }

    func deliver(_ alert: OutgoingAlert, attempt: Int) async -> AttemptOutcome {
        let record = OutgoingRecord.alert(
            id: alert.id, position: alert.position, userKey: alert.userKey, json: alert.document, topic: topic)
        do throws(KafkaError) {
            try await publisher.publish([record])
            return .delivered
        } catch {
            return error.kind == .tooLarge
                ? .refused(reason: error.message) : .failed(reason: error.message, retryAfter: nil)
        }
    }
}
