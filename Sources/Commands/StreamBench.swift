import ArgumentParser
import Kafka

/// The passes of `bench stream`.
struct StreamBench: Sendable {
    struct Shape: Sendable {
        let passes: Int
        let seconds: Double
        let window: Int
        let batchSize: Int
        let batchConnections: Int
    }

    let observer: ClusterObserver
    let load: IngestLoad
    let connection: KafkaConnection
    let topic: String
    let backlog: StreamBacklog
    let counts: StoredCounts
    let shape: Shape

    private static let patienceSeconds = 120

    /// What one way brought in one pass.
    private struct Way {
        var acknowledged = 0
        /// Transactions a second until every PostgreSQL has them.
        var rate = 0.0
        /// Until the last was acknowledged: by the brokers, or by a node.
        var acknowledgedRate = 0.0
        var errors = 0
        var firstError: String?
    }

    func perform() async throws -> StreamBenchResult {
        // What an earlier producer left is not ours to count.
        try await backlog.waitUntilTaken(timeoutSeconds: Self.patienceSeconds)
        var streams: [Way] = []
        var directs: [Way] = []
        for number in 1...shape.passes {
            // Neither always comes first.
            for isStream in number.isMultiple(of: 2) ? [false, true] : [true, false] {
                let way = try await counted { isStream ? try await stream() : try await direct() }
                if isStream { streams.append(way) } else { directs.append(way) }
                StandardError.line(
                    "pass \(number) of \(shape.passes), \(isStream ? "through Kafka" : "direct"): "
                        + "\(Int(way.rate)) tx/s until applied everywhere")
            }
        }
        return result(streams, directs)
    }

    private func stream() async throws -> Way {
        let production = StreamProduction(
            connection, StreamSamples.Shape(topic: topic, seed: .random(in: 0...(.max))),
            StreamProduction.Limits(seconds: shape.seconds, window: (shape.window, backlog)),
            keepsAcknowledgements: false)
        let began = ContinuousClock.now
        var progress = ProgressLine(isQuiet: true)
        let produced = try await production.perform(progress: &progress) { _ in }
        try await backlog.waitUntilTaken(timeoutSeconds: Self.patienceSeconds)
        return try await way(
            produced.acknowledged, since: began, acknowledgedSeconds: produced.seconds,
            errors: max(produced.failed, produced.firstError == nil ? 0 : 1), produced.firstError)
    }

    private func direct() async throws -> Way {
        let began = ContinuousClock.now
        let phase = try await load.postBatches(
            of: shape.batchSize, connections: shape.batchConnections, seconds: shape.seconds, isDirect: true)
        return try await way(
            phase.acknowledged, since: began, acknowledgedSeconds: phase.seconds, errors: phase.errors, phase.firstError
        )
    }

    private func way(
        _ acknowledged: Int, since began: ContinuousClock.Instant, acknowledgedSeconds: Double, errors: Int,
        _ firstError: String?
    ) async throws -> Way {
        guard try await observer.waitUntilApplied(timeoutSeconds: Self.patienceSeconds) != nil else {
            throw ValidationError(
                "Not every node's PostgreSQL caught up within \(Self.patienceSeconds) s. See `redoubt cluster status`.")
        }
        let seconds = (ContinuousClock.now - began).seconds
        return Way(
            acknowledged: acknowledged, rate: Double(acknowledged) / max(seconds, 0.001),
            acknowledgedRate: Double(acknowledged) / max(acknowledgedSeconds, 0.001), errors: errors,
            firstError: firstError)
    }

    /// A rate says nothing if what was acknowledged is not what was stored.
    private func counted(_ measure: () async throws -> Way) async throws -> Way {
        let before = try await counts.transactions()
        var way = try await measure()
        let after = try await counts.transactions()
        for (position, (before, after)) in zip(before, after).enumerated() where after - before != way.acknowledged {
            way.errors += 1
            way.firstError =
                way.firstError
                ?? "PostgreSQL \(position + 1) of the list took \(after - before) transactions, and "
                + "\(way.acknowledged) were acknowledged; does anybody else write?"
        }
        return way
    }

    private func result(_ streams: [Way], _ directs: [Way]) -> StreamBenchResult {
        let stream = Sample(streams.map(\.rate))
        let direct = Sample(directs.map(\.rate))
        let ratio = Sample(zip(streams, directs).map { $1.rate > 0 ? $0.rate / $1.rate : 0 })
        let all = streams + directs
        return StreamBenchResult(
            streamTxPerSecond: stream.median.rounded(places: 1),
            streamAcknowledgedTxPerSecond: Sample(streams.map(\.acknowledgedRate)).median.rounded(places: 1),
            directTxPerSecond: direct.median.rounded(places: 1),
            directAcknowledgedTxPerSecond: Sample(directs.map(\.acknowledgedRate)).median.rounded(places: 1),
            streamRatio: ratio.median.rounded(places: 3),
            streamSpread: stream.spread.rounded(places: 3),
            directSpread: direct.spread.rounded(places: 3),
            ratioSpread: ratio.spread.rounded(places: 3),
            transactions: all.reduce(0) { $0 + $1.acknowledged },
            errors: all.reduce(0) { $0 + $1.errors },
            firstError: all.lazy.compactMap(\.firstError).first,
            passes: shape.passes, window: shape.window)
    }
}

/// What `bench stream` prints. Rates are medians over the passes; a spread is largest less smallest over the median.
struct StreamBenchResult: Encodable, Sendable {
    /// Through Kafka, until every node's PostgreSQL had them.
    let streamTxPerSecond: Double
    /// Until the brokers had acknowledged the last.
    let streamAcknowledgedTxPerSecond: Double
    /// Posted in batches, until every node's PostgreSQL had them.
    let directTxPerSecond: Double
    let directAcknowledgedTxPerSecond: Double
    let streamRatio: Double
    let streamSpread: Double
    let directSpread: Double
    let ratioSpread: Double
    let transactions: Int
    let errors: Int
    let firstError: String?
    let passes: Int
    let window: Int

    private enum CodingKeys: String, CodingKey {
        case transactions, errors, passes, window
        case streamTxPerSecond = "stream_tx_per_s"
        case streamAcknowledgedTxPerSecond = "stream_ack_tx_per_s"
        case directTxPerSecond = "direct_tx_per_s"
        case directAcknowledgedTxPerSecond = "direct_ack_tx_per_s"
        case streamRatio = "stream_ratio"
        case streamSpread = "stream_spread"
        case directSpread = "direct_spread"
        case ratioSpread = "ratio_spread"
        case firstError = "first_error"
    }

    var text: String {
        var lines = [
            "through Kafka: \(streamTxPerSecond) tx/s in every PostgreSQL (spread \(streamSpread)); "
                + "acknowledged by the brokers at \(streamAcknowledgedTxPerSecond) tx/s",
            "direct:        \(directTxPerSecond) tx/s in every PostgreSQL (spread \(directSpread)); "
                + "acknowledged at \(directAcknowledgedTxPerSecond) tx/s",
            "ratio:         \(streamRatio) (spread \(ratioSpread))",
            "\(transactions) transactions, \(errors) errors",
        ]
        if let firstError { lines.append("first error: \(firstError)") }
        return lines.joined(separator: "\n")
    }
}
