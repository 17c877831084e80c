import Foundation
import HTTPSClient
import Kafka
import NIOCore

/// How much of the topic the nodes have not taken, by what they and the brokers say.
struct StreamBacklog: Sendable {
    let world: World
    let lookUp: KafkaLookUp

    /// What `GET /pipeline` says; only what is used here.
    private struct Report: Decodable {
        struct Producer: Decodable {
            let buffered: Int

            private enum CodingKeys: String, CodingKey { case buffered = "buffered_records" }
        }

        struct Offset: Decodable {
            let partition: Int32
            let next: Int64

            private enum CodingKeys: String, CodingKey {
                case partition
                case next = "next_offset"
            }
        }

        let producer: Producer?
        let offsets: [Offset]
    }

    func waitUntilTaken(seconds: Double) async throws {
        let end = RunClock.monotonicMicroseconds + Int64(seconds * 1_000_000)
        var last = ""
        while RunClock.monotonicMicroseconds < end {
            do {
                let records = try await records()
                if records == 0 { return }
                last = "\(records) records are left"
            } catch {
                last = "\(error)"
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw ChaosError.late("not every node has taken what is on the topic after \(seconds) s: \(last)")
    }

    private func records() async throws -> Int64 {
        var buffered = 0
        var taken: [Int32: [Int64]] = [:]
        for node in world.nodes {
            let response = try await world.request("GET", "/pipeline", at: node)
            guard response.isSuccess else { throw ChaosError.node(node, response.problem) }
            let report = try JSONDecoder().decode(Report.self, from: Data(response.body.readableBytesView))
            buffered += report.producer?.buffered ?? 0
            for offset in report.offsets { taken[offset.partition, default: []].append(offset.next) }
        }
        // After what the nodes say: once they hold back nothing, these are the last ends.
        var records = Int64(buffered)
        for number in 0..<Int32(StreamTopics.partitions) {
            let partition = KafkaPartition(topic: StreamTopics.payments, number: number)
            let offsets = taken[number] ?? []
            let slowest = offsets.count == world.nodes.count ? offsets.min()! : 0
            records += max(0, try await lookUp.watermarks(of: partition).high - slowest)
        }
        return records
    }
}
