/// What `bench detect` prints.
struct DetectionBenchResult: Encodable, Sendable {
    let payments: Int
    let users: Int
    let batchSize: Int
    /// Payments a second of one core's time, in batches: features, all engines, decision, profiles.
    let batchPerSecond: Double
    /// The same by the clock on the wall; less on a machine that has other work.
    let batchPerWallSecond: Double
    /// One at a time, of users the transformer's cache holds.
    let single: LatencyResult
    /// The same of users it doesn't hold.
    let stranger: LatencyResult
    /// Payments for review or blocked: these get reasons from the models, which cost more.
    let alertShare: Double
    /// Of a payment, for the standard rules alone.
    let rulesMicroseconds: Double
    let memory: ProfileMemoryResult
    let modelBytes: Int
    let forest: ForestBenchResult

    enum CodingKeys: String, CodingKey {
        case payments, users, single, memory, forest
        case batchSize = "batch_size"
        case batchPerSecond = "batch_tx_per_s"
        case batchPerWallSecond = "batch_tx_per_wall_s"
        case stranger = "single_not_cached"
        case alertShare = "alert_share"
        case rulesMicroseconds = "rules_us"
        case modelBytes = "model_bytes"
    }

    var text: String {
        let lines = [
            "All engines and profiles, one core, \(payments) payments of \(users) users:",
            "  batches of \(batchSize)   \(Int(batchPerSecond)) payments/s of processor time"
                + " (\(Int(batchPerWallSecond)) by the clock)",
            "  one at a time     \(single.text)",
            "  user not cached   \(stranger.text)",
            "  alerts            \((alertShare * 100).rounded(places: 2)) % of payments",
            "  rules alone       \(rulesMicroseconds) µs a payment",
            "  a user            \(Int(memory.bytesPerUser)) bytes, at most \(memory.userBound); "
                + "\(memory.transformerBytesPerUser) more while the transformer's cache holds it",
            "  a merchant        \(Int(memory.bytesPerMerchant)) bytes, at most \(memory.merchantBound)",
            "  model             \(modelBytes) bytes",
        ]
        return (lines + forest.lines).joined(separator: "\n")
    }
}

/// Microseconds.
struct LatencyResult: Encodable, Sendable {
    let median: Double
    let p99: Double
    /// Of the thread's time on the processor.
    let processorMedian: Double
    let processorP99: Double

    enum CodingKeys: String, CodingKey {
        case median = "p50_us"
        case p99 = "p99_us"
        case processorMedian = "processor_p50_us"
        case processorP99 = "processor_p99_us"
    }

    var text: String {
        "p50 \(median) µs, p99 \(p99) µs (of processor time p50 \(processorMedian) µs, p99 \(processorP99) µs)"
    }
}
