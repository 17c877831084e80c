/// What a worker has done since it began.
public struct StreamCounters: Sendable, Equatable {
    /// Batches that the ledger has taken.
    public var batches = 0
    /// Payments in them, repetitions included.
    public var records = 0
    /// Payments that the ledger had taken before.
    public var duplicates = 0
    /// Records that are no payments.
    public var deadLetters = 0
    /// Batches that the ledger had already, or that were to go on elsewhere.
    public var conflicts = 0
    /// Answers that the ledger cannot take anything at the moment.
    public var refusals = 0
    /// How often reading was moved to where the ledger stands.
    public var seeks = 0
    /// How often a partition had to be stopped.
    public var alarms = 0
    /// How often the consumer had to be made anew.
    public var replacements = 0

    public init() {}

    mutating func count(_ outcome: BatchOutcome, of batch: StreamBatch) {
        switch outcome {
        case .committed(let duplicates, let deadLetters):
            batches += 1
            records += batch.records.count
            self.duplicates += duplicates
            self.deadLetters += deadLetters
        case .offsetConflict, .streamChanged: conflicts += 1
        case .unavailable, .tooManyPartitions, .invalid: refusals += 1
        }
    }
}
