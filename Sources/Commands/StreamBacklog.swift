import HTTPSClient
import Kafka
import NIOCore

/// How many records of a topic the ledger has not taken: from what the brokers and the nodes say.
package struct StreamBacklog: Sendable {
    /// What nobody could say.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let client: HTTPSClient
    private let lane: LoopBound<RequestLane>
    private let request: HTTPSRequest
    private let lookUp: KafkaLookUp
    private let topic: String
    private let partitions: [KafkaPartition]

    init(
        client: HTTPSClient, endpoints: [HTTPSEndpoint], token: String, connection: KafkaConnection, topic: String
    ) async throws {
        self.client = client
        self.topic = topic
        lane = LoopBound(RequestLane(client: client, endpoints: endpoints, position: 0))
        request = HTTPSRequest("GET", "/pipeline", token: token)
        lookUp = try KafkaLookUp(connection, logger: KafkaOptions.logger)
        guard let found = try await lookUp.topic(topic, timeoutMilliseconds: 10_000) else {
            throw Failure(description: "the brokers know no topic \(topic)")
        }
        partitions = found.partitions.map { KafkaPartition(topic: topic, number: $0.number) }
    }

    /// Never less than there were when it was asked for.
    func records() async throws -> Int {
        let next = try await nextOffsets()
        var records: Int64 = 0
        for partition in partitions {
            let ends = try await lookUp.watermarks(of: partition, timeoutMilliseconds: 2_000)
            records += max(0, ends.high - max(next[partition.number] ?? 0, ends.low))
        }
        return Int(records)
    }

    /// Waits until there are none.
    func waitUntilTaken(timeoutSeconds: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
        var last: String?
        while ContinuousClock.now < deadline {
            do {
                let records = try await records()
                if records == 0 { return }
                last = "\(records) records are left"
            } catch {
                last = "\(error)"
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Failure(
            description: "the ledger did not take all of \(topic) within \(timeoutSeconds) s: \(last ?? "no answer")")
    }

    func close() async {
        await lookUp.close()
        try? await client.run { [lane] in lane.value.close() }
    }

    /// The ledger's, by partition. A node that does not answer is left for the next one.
    private func nextOffsets() async throws -> [Int32: Int64] {
        try await client.run { [lane, request, topic] in
            do {
                let response = try await lane.value.exchange(request, body: nil, timeout: .seconds(2)).get()
                guard response.isSuccess else {
                    throw HTTPSError.refused(lane.value.endpoint, status: response.status, response.problem)
                }
                let report = try JSONOutput.decode(LedgerOffsets.self, from: response)
                let ours = report.offsets.filter { $0.topic ?? topic == topic }
                return Dictionary(ours.map { ($0.partition, $0.nextOffset) }, uniquingKeysWith: max)
            } catch {
                lane.value.moveOn()
                throw error
            }
        }
    }
}

/// What `GET /pipeline` says of the ledger's offsets; only what is used here.
private struct LedgerOffsets: Decodable {
    struct Offset: Decodable {
        let topic: String?
        let partition: Int32
        let nextOffset: Int64

        private enum CodingKeys: String, CodingKey {
            case topic, partition
            case nextOffset = "next_offset"
        }
    }

    let offsets: [Offset]
}
