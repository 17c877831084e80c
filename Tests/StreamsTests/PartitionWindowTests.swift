import Kafka
import Streams
import Testing

@Suite struct `A partition's window` {
    private static let partition = KafkaPartition(topic: "payments", number: 0)

    private func batch(_ offsets: Range<Int64>) -> StreamBatch {
        StreamBatch(
            partition: Self.partition, clusterID: "c", expectedOffset: offsets.lowerBound,
            firstOffset: offsets.lowerBound, lastOffset: offsets.upperBound - 1, records: [],
            offsets: [], deadLetters: [], mayBeKnown: false)
    }

    private let taken = BatchOutcome.committed(duplicates: 0, deadLetters: 0)
    private let away = BatchOutcome.unavailable(reason: "no leader", retryAfterMilliseconds: 0)

    private func submit(_ ticket: UInt64, _ offsets: Range<Int64>) -> PartitionWindow.Action {
        .submit(ticket: ticket, batch(offsets))
    }

    /// Has taken one batch, up to 10, so that several may be under way.
    private func flowing() -> PartitionWindow {
        var window = PartitionWindow(startingAt: 0, flightLimit: 3)
        window.sought(0)
        _ = window.append(batch(0..<10))
        _ = window.answered(1, taken)
        return window
    }

    @Test func `hands over one batch, and several once the ledger has taken it`() {
        var window = PartitionWindow(startingAt: 0, flightLimit: 3)
        window.sought(0)
        #expect(window.append(batch(0..<10)) == [submit(1, 0..<10)])
        for start in stride(from: Int64(10), to: 50, by: 10) { #expect(window.append(batch(start..<start + 10)) == []) }
        #expect(window.answered(1, taken) == [submit(2, 10..<20), submit(3, 20..<30), submit(4, 30..<40)])
        #expect(window.committed == 10 && window.position == 50 && window.batches == 4)
        #expect(window.answered(2, taken) == [submit(5, 40..<50)])
    }

    @Test func `waits and hands over the same again when the ledger is away, less and less often`() {
        var window = flowing()
        _ = window.append(batch(10..<20))
        var pauses: [Int] = []
        for _ in 0..<10 {
            guard case .retry(let pause)? = window.answered(2, away).first else { break }
            pauses.append(pause)
            #expect(window.isWaiting)
            #expect(window.retry() == [submit(2, 10..<20)])
        }
        #expect(pauses == [20, 40, 80, 160, 320, 640, 1_280, 2_000, 2_000, 2_000])
        _ = window.answered(2, taken)
        #expect(window.committed == 20)
    }

    @Test func `does not come back before the ledger wants it`() {
        var window = flowing()
        _ = window.append(batch(10..<20))
        let outcome = BatchOutcome.unavailable(reason: "its queue is full", retryAfterMilliseconds: 700)
        #expect(window.answered(2, outcome) == [.retry(afterMilliseconds: 700)])
    }

    @Test func `takes it for done when the ledger is further on already`() {
        var window = flowing()
        _ = window.append(batch(10..<20))
        _ = window.append(batch(20..<30))
        // The answer to the first was lost, and the second was taken too.
        #expect(window.answered(2, away) == [.retry(afterMilliseconds: 20)])
        #expect(window.answered(3, taken) == [])
        #expect(window.retry() == [submit(2, 10..<20)])
        #expect(window.answered(2, .offsetConflict(next: 30)) == [])
        #expect(window.committed == 30 && window.batches == 0)
    }

    @Test func `hands a batch over again that came before the one that it follows`() {
        var window = flowing()
        _ = window.append(batch(10..<20))
        _ = window.append(batch(20..<30))
        #expect(window.answered(3, .offsetConflict(next: 10)) == [])
        #expect(window.answered(2, taken) == [submit(3, 20..<30)])
        #expect(window.answered(3, taken) == [])
        #expect(window.committed == 30)
    }

    @Test func `an old answer does not move the partition`() {
        var window = flowing()
        _ = window.append(batch(10..<20))
        _ = window.append(batch(20..<30))
        #expect(window.answered(2, taken) == [])
        #expect(window.answered(3, .offsetConflict(next: 10)) == [submit(3, 20..<30)])
    }

    @Test(arguments: [Int64(13), 5, 35]) func `goes on where the ledger stands when somebody else has moved it`(
        next: Int64
    ) {
        var window = flowing()
        _ = window.append(batch(10..<20))
        _ = window.append(batch(20..<30))
        let actions = window.answered(2, .offsetConflict(next: next))
        if next == 35 {
            #expect(actions == [] && window.committed == 20)
            _ = window.answered(3, .offsetConflict(next: next))
            #expect(window.committed == 30 && window.batches == 0)
            return
        }
        #expect(actions == [.seek(next)])
        #expect(window.phase == .seeking(next) && window.batches == 0 && window.heldRecords == 0)
        #expect(window.answered(3, .offsetConflict(next: next)) == [])
        #expect(window.admission(expectedOffset: 30, nextOffset: 40) == .drop)
        window.sought(next)
        #expect(window.append(batch(next..<20)) == [submit(4, next..<20)])
    }

    @Test func `takes from a batch only what it does not have, and notices what is missing`() {
        var window = flowing()
        #expect(window.admission(expectedOffset: 0, nextOffset: 10) == .drop)
        #expect(window.admission(expectedOffset: 5, nextOffset: 15) == .take(from: 10))
        #expect(window.admission(expectedOffset: 10, nextOffset: 20) == .take(from: 10))
        #expect(window.admission(expectedOffset: 11, nextOffset: 20) == .gap)
        #expect(window.admission(expectedOffset: nil, nextOffset: 20) == .gap)
        _ = window.append(batch(10..<20))
        #expect(window.gap() == [.seek(20)])
        #expect(window.batches == 1)
        #expect(window.admission(expectedOffset: 40, nextOffset: 50) == .drop)
        // It was read before the seek, and is as good.
        #expect(window.admission(expectedOffset: 20, nextOffset: 30) == .take(from: 20))
        #expect(window.append(batch(21..<30)) == [])
        #expect(window.position == 20)
    }

    @Test(arguments: [
        (BatchOutcome.streamChanged(clusterID: "d"), StreamAlarm.Kind.otherCluster),
        (.tooManyPartitions(limit: 4_096), .tooManyPartitions), (.invalid(reason: "no"), .refused),
    ]) func `stops when the ledger says so for good`(outcome: BatchOutcome, kind: StreamAlarm.Kind) {
        var window = flowing()
        _ = window.append(batch(10..<20))
        guard case .stop(let found, let message)? = window.answered(2, outcome).first else {
            Issue.record("it did not stop")
            return
        }
        #expect(found == kind && !message.isEmpty)
        #expect(window.phase == .stopped && window.batches == 0)
        #expect(window.admission(expectedOffset: 20, nextOffset: 30) == .drop)
        #expect(window.append(batch(20..<30)) == [])
        #expect(window.retry() == [])
    }

    /// A partition with gaps, a ledger that loses requests and answers and answers in any order, and another node that now
    /// and then takes the partition a step on.
    @Test(arguments: 0..<400) func `brings every record once, whatever happens on the way`(seed: Int) {
        var random = Seeded(UInt64(seed + 1))
        var offsets: [Int64] = []
        var offset: Int64 = 5
        for _ in 0..<300 {
            offsets.append(offset)
            offset += random.chance(10) ? Int64.random(in: 2...4, using: &random) : 1
        }
        let end = offsets.last! + 1
        var window = PartitionWindow(startingAt: 5, flightLimit: Int.random(in: 1...5, using: &random))
        var ledgerNext: Int64? = seed % 2 == 0 ? nil : 5
        var ledger: [Int64] = []
        var reading: Int64 = 5
        var requests: [(UInt64, StreamBatch)] = []
        var answers: [(UInt64, BatchOutcome)] = []
        var seeks: [Int64] = [5]
        var hasRetry = false

        func take(_ batch: StreamBatch) -> BatchOutcome {
            if let next = ledgerNext, next != batch.expectedOffset { return .offsetConflict(next: next) }
            ledger += offsets.filter { batch.expectedOffset <= $0 && $0 < batch.nextOffset }
            ledgerNext = batch.nextOffset
            return .committed(duplicates: 0, deadLetters: 0)
        }
        func act(_ actions: [PartitionWindow.Action]) {
            for action in actions {
                switch action {
                case .submit(let ticket, let batch): requests.append((ticket, batch))
                case .seek(let offset): seeks.append(offset)
                case .retry: hasRetry = true
                case .stop(let kind, let message): Issue.record("stopped: \(kind) \(message)")
                }
            }
        }
        func read(_ count: Int) {
            let next = offsets.filter { $0 >= reading }.prefix(count)
            guard let last = next.last else { return }
            let expected = reading
            reading = last + 1
            switch window.admission(expectedOffset: expected, nextOffset: last + 1) {
            case .drop: break
            case .gap: act(window.gap())
            case .take(let from): act(window.append(batch(from..<last + 1)))
            }
        }

        var steps = 0
        while (ledgerNext ?? 0) < end {
            steps += 1
            guard steps < 50_000 else {
                Issue.record("no progress: ledger at \(String(describing: ledgerNext)), \(window)")
                return
            }
            switch Int.random(in: 0..<7, using: &random) {
            case 0, 1: read(Int.random(in: 1...12, using: &random))
            case 2:
                guard !requests.isEmpty else { break }
                // Mostly in order.
                let index = random.chance(80) ? 0 : Int.random(in: requests.indices, using: &random)
                let (ticket, request) = requests.remove(at: index)
                if random.chance(10) {
                    answers.append((ticket, away))
                } else {
                    let outcome = take(request)
                    answers.append((ticket, random.chance(10) ? away : outcome))
                }
            case 3, 4:
                guard !answers.isEmpty else { break }
                let (ticket, outcome) = answers.remove(at: Int.random(in: answers.indices, using: &random))
                act(window.answered(ticket, outcome))
            case 5:
                if let offset = seeks.first, random.chance(50) {
                    seeks.removeFirst()
                    reading = offset
                    window.sought(offset)
                }
                if hasRetry, random.chance(50) {
                    hasRetry = false
                    act(window.retry())
                }
            default:
                guard let next = ledgerNext, random.chance(5) else { break }
                // The other node, with batches of its own.
                let more = offsets.filter { $0 >= next }.prefix(Int.random(in: 1...20, using: &random))
                if let last = more.last { _ = take(batch(next..<last + 1)) }
            }
        }
        #expect(ledger == offsets)
    }
}
