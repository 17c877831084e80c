import ArgumentParser

/// The passes of `bench ingest`.
struct IngestBench: Sendable {
    struct Shape: Sendable {
        let passes: Int
        let batchSeconds: Double
        let batchSize: Int
        let batchConnections: Int
        let singleSeconds: Double
        let singleConnections: Int
    }

    let observer: ClusterObserver
    let load: IngestLoad
    let reference: CopyReference
    let shape: Shape

    private struct Pass {
        var batch = 0.0
        var batchAcknowledged = 0.0
        var single = 0.0
        var copy = 0.0
    }

    func perform() async throws -> IngestBenchResult {
        var passes: [Pass] = []
        var singles = IngestLoad.Phase()
        var batches = IngestLoad.Phase()
        for number in 1...shape.passes {
            var pass = Pass()
            let before = try await appliedEverywhere()
            let began = ContinuousClock.now
            let batch = try await load.postBatches(
                of: shape.batchSize, connections: shape.batchConnections, seconds: shape.batchSeconds)
            let after = try await appliedEverywhere()
            pass.batch = Double(batch.acknowledged) / max((ContinuousClock.now - began).seconds, 0.001)
            pass.batchAcknowledged = Double(batch.acknowledged) / max(batch.seconds, 0.001)
            batches.merge(batch)
            note(number, "batches", "\(Int(pass.batch)) tx/s until applied everywhere")

            pass.copy = try await reference.measure(after: before, through: after)
            note(number, "raw COPY", "\(Int(pass.copy)) rows/s into every PostgreSQL")

            let single = try await load.postSingles(
                connections: shape.singleConnections, seconds: shape.singleSeconds)
            pass.single = Double(single.acknowledged) / max(single.seconds, 0.001)
            singles.merge(single)
            note(number, "single POSTs", "\(Int(pass.single)) tx/s")
            passes.append(pass)
        }
        _ = try await appliedEverywhere()
        return result(passes, batches, singles)
    }

    private func appliedEverywhere() async throws -> UInt64 {
        guard let index = try await observer.waitUntilApplied(timeoutSeconds: 120) else {
            throw ValidationError(
                "Not every node's PostgreSQL caught up within 120 s. See `redoubt cluster status`.")
        }
        return index
    }

    private func note(_ pass: Int, _ what: String, _ text: String) {
        StandardError.line("pass \(pass) of \(shape.passes), \(what): \(text)")
    }

    private func result(
        _ passes: [Pass], _ batches: IngestLoad.Phase, _ singles: IngestLoad.Phase
    ) -> IngestBenchResult {
        let batch = Sample(passes.map(\.batch))
        let single = Sample(passes.map(\.single))
        let copy = Sample(passes.map(\.copy))
        let ratio = Sample(passes.map { $0.copy > 0 ? $0.batch / $0.copy : 0 })
        return IngestBenchResult(
            batchTxPerSecond: batch.median.rounded(places: 1),
            batchAcknowledgedTxPerSecond: Sample(passes.map(\.batchAcknowledged)).median.rounded(places: 1),
            singleTxPerSecond: single.median.rounded(places: 1),
            copyTxPerSecond: copy.median.rounded(places: 1),
            batchRatio: ratio.median.rounded(places: 3),
            batchP50Milliseconds: batches.latencies.milliseconds(quantile: 0.5),
            batchP99Milliseconds: batches.latencies.milliseconds(quantile: 0.99),
            singleP50Milliseconds: singles.latencies.milliseconds(quantile: 0.5),
            singleP99Milliseconds: singles.latencies.milliseconds(quantile: 0.99),
            transactions: batches.acknowledged + singles.acknowledged,
            errors: batches.errors + singles.errors,
            firstError: batches.firstError ?? singles.firstError,
            passes: passes.count,
            batchSpread: batch.spread.rounded(places: 3),
            singleSpread: single.spread.rounded(places: 3),
            copySpread: copy.spread.rounded(places: 3))
    }
}

/// What `bench ingest` prints. Rates are medians over the passes; a spread is largest less smallest over the median.
struct IngestBenchResult: Encodable, Sendable {
    /// Until every node's PostgreSQL had them.
    let batchTxPerSecond: Double
    /// Until the last was acknowledged.
    let batchAcknowledgedTxPerSecond: Double
    let singleTxPerSecond: Double
    let copyTxPerSecond: Double
    let batchRatio: Double
    /// Of a whole batch.
    let batchP50Milliseconds: Double
    let batchP99Milliseconds: Double
    let singleP50Milliseconds: Double
    let singleP99Milliseconds: Double
    let transactions: Int
    let errors: Int
    let firstError: String?
    let passes: Int
    let batchSpread: Double
    let singleSpread: Double
    let copySpread: Double

    private enum CodingKeys: String, CodingKey {
        case transactions, errors, passes
        case batchTxPerSecond = "batch_tx_per_s"
        case batchAcknowledgedTxPerSecond = "batch_ack_tx_per_s"
        case singleTxPerSecond = "single_tx_per_s"
        case copyTxPerSecond = "copy_tx_per_s"
        case batchRatio = "batch_ratio"
        case batchP50Milliseconds = "batch_p50_ms"
        case batchP99Milliseconds = "batch_p99_ms"
        case singleP50Milliseconds = "single_p50_ms"
        case singleP99Milliseconds = "single_p99_ms"
        case firstError = "first_error"
        case batchSpread = "batch_spread"
        case singleSpread = "single_spread"
        case copySpread = "copy_spread"
    }

    var text: String {
        var lines = [
            "batches:      \(batchTxPerSecond) tx/s in every PostgreSQL (spread \(batchSpread)); "
                + "acknowledged at \(batchAcknowledgedTxPerSecond) tx/s",
            "raw COPY:     \(copyTxPerSecond) rows/s into every PostgreSQL (spread \(copySpread)); "
                + "ratio \(batchRatio)",
            "single POSTs: \(singleTxPerSecond) tx/s (spread \(singleSpread)); "
                + "p50 \(singleP50Milliseconds) ms, p99 \(singleP99Milliseconds) ms",
            "\(transactions) transactions, \(errors) errors",
        ]
        if let firstError { lines.append("first error: \(firstError)") }
        return lines.joined(separator: "\n")
    }
}
