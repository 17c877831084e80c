import Kafka
import Ledger
import Streams
import Synchronization
import Testing

/// What the replicated ledger does with batches: takes one where the last one ended, and writes down exactly what it took.
/// It can be made to be away, to lose answers, and to be slow.
final class LedgerOfOffsets: StreamSink {
    enum Mood: Sendable {
        case well
        /// Takes nothing.
        case away
        /// So many of a hundred are refused; as many are taken, and nobody hears of it; and answers take a moment.
        case troubled(percent: Int, seed: UInt64)
        case refusing(BatchOutcome)
    }

    private struct State {
        var offsets: [KafkaPartition: LedgerOffset] = [:]
        var taken: [KafkaPartition: [TransactionID]] = [:]
        var known: Set<TransactionID> = []
        var deadLetters: [KafkaPartition: [DeadLetter]] = [:]
        var batches: [StreamBatch] = []
        var mood: Mood
        var random = Seeded(1)
        var conflicts = 0
        var calls = 0
        var mostUnderWay = 0
        var underWay = 0
    }

    private let state: Mutex<State>

    init(_ mood: Mood = .well) {
        var state = State(mood: mood)
        if case .troubled(_, let seed) = mood { state.random = Seeded(seed) }
        self.state = Mutex(state)
    }

    var mood: Mood {
        get { state.withLock { $0.mood } }
        set { state.withLock { $0.mood = newValue } }
    }

    var count: Int { state.withLock { $0.known.count } }
    var calls: Int { state.withLock { $0.calls } }
    var conflicts: Int { state.withLock { $0.conflicts } }
    var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }
    var batches: [StreamBatch] { state.withLock { $0.batches } }
    var offsets: [KafkaPartition: LedgerOffset] { state.withLock { $0.offsets } }
    func ids(_ partition: KafkaPartition) -> [TransactionID] { state.withLock { $0.taken[partition, default: []] } }
    func deadLetters(_ partition: KafkaPartition) -> [DeadLetter] {
        state.withLock { $0.deadLetters[partition, default: []] }
    }

    /// As an operator would.
    func reset(_ partition: KafkaPartition, to offset: LedgerOffset?) {
        state.withLock { $0.offsets[partition] = offset }
    }

    func nextOffsets() async throws -> [KafkaPartition: LedgerOffset] {
        try state.withLock { state in
            if case .away = state.mood { throw KafkaError(.other, "no leader") }
            return state.offsets
        }
    }

    func submit(_ batch: StreamBatch) async -> BatchOutcome {
        let (outcome, delay) = state.withLock { state -> (BatchOutcome, Int) in
            state.calls += 1
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
            let away = BatchOutcome.unavailable(reason: "no leader", retryAfterMilliseconds: 1)
            switch state.mood {
            case .well: return (Self.apply(batch, &state), 0)
            case .away: return (away, 1)
            case .refusing(let outcome): return (outcome, 1)
            case .troubled(let percent, _):
                let delay = Int.random(in: 0...5, using: &state.random)
                if state.random.chance(percent) { return (away, delay) }
                let outcome = Self.apply(batch, &state)
                return (state.random.chance(percent) ? away : outcome, delay)
            }
        }
        if delay > 0 { try? await Task.sleep(for: .milliseconds(delay)) }
        state.withLock { $0.underWay -= 1 }
        return outcome
    }

    private static func apply(_ batch: StreamBatch, _ state: inout State) -> BatchOutcome {
        let partition = batch.partition
        if let stored = state.offsets[partition] {
            guard stored.clusterID == batch.clusterID else { return .streamChanged(clusterID: stored.clusterID) }
            guard stored.next == batch.expectedOffset else {
                state.conflicts += 1
                return .offsetConflict(next: stored.next)
            }
        }
        var duplicates = 0
        for record in batch.records {
            guard state.known.insert(record.id).inserted else {
                duplicates += 1
                continue
            }
            state.taken[partition, default: []].append(record.id)
        }
        state.deadLetters[partition, default: []] += batch.deadLetters
        state.offsets[partition] = LedgerOffset(clusterID: batch.clusterID, next: batch.nextOffset)
        state.batches.append(batch)
        return .committed(duplicates: duplicates, deadLetters: batch.deadLetters.count)
    }
}
