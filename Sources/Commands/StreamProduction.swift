package import Kafka
import Synchronization

/// Puts made-up payments on a topic: as fast as the brokers and a rate let it, and no further ahead of the ledger than it may be.
package final class StreamProduction: Sendable {
    package struct Limits: Sendable {
        package var records: Int
        package var seconds: Double
        /// Nil: as fast as they are taken.
        package var recordsPerSecond: Double?
        /// Records that the ledger may be behind what was sent, and who knows; nil: no matter how many.
        package var window: (records: Int, backlog: StreamBacklog)?

        package init(
            records: Int = .max, seconds: Double = .infinity, recordsPerSecond: Double? = nil,
            window: (records: Int, backlog: StreamBacklog)? = nil
        ) {
            self.records = records
            self.seconds = seconds
            self.recordsPerSecond = recordsPerSecond
            self.window = window
        }
    }

    private struct Acknowledgement: Sendable {
        let number: Int
        let content: StreamSamples.Content
        let delivery: KafkaDelivery
    }

    private struct State {
        var result: ProductionResult
        /// Not yet written down.
        var acknowledgements: [Acknowledgement] = []
        var hasEnded = false
    }

    static let recordMarks = KafkaProducerConfiguration.WaterMarks(high: 20_000, low: 10_000)
    private static let byteMarks = KafkaProducerConfiguration.WaterMarks(high: 32 << 20, low: 16 << 20)
    private static let batchRecords = 500
    /// No line is longer; what the marks leave room for is always accepted.
    private static let recordBytes = 1_000
    /// How long the ledger's place may be unknown: elections and restarts are over by then.
    private static let patience = Duration.seconds(120)
    private static let flushMilliseconds = 120_000

    private let connection: KafkaConnection
    private let shape: StreamSamples.Shape
    private let limits: Limits
    private let keepsAcknowledgements: Bool
    private let state: Mutex<State>

    /// `keepsAcknowledgements`: they are given to `perform`'s `write`.
    package init(
        _ connection: KafkaConnection, _ shape: StreamSamples.Shape, _ limits: Limits, keepsAcknowledgements: Bool
    ) {
        self.connection = connection
        self.shape = shape
        self.limits = limits
        self.keepsAcknowledgements = keepsAcknowledgements
        state = Mutex(State(result: ProductionResult(seed: shape.seed)))
    }

    /// Makes up no more; what was sent is waited for.
    package func end() { state.withLock { $0.hasEnded = true } }

    /// Sends, and returns when everything sent is acknowledged or has failed. `write` is given a line for each acknowledgement.
    package func perform(
        progress: inout ProgressLine, write: (String) throws -> Void
    ) async throws -> ProductionResult {
        let producer = try KafkaProducer(
            KafkaProducerConfiguration(
                connection: connection, lingerMilliseconds: 5, recordMarks: Self.recordMarks,
                byteMarks: Self.byteMarks),
            logger: KafkaOptions.logger)
        let began = ContinuousClock.now
        do {
            try await produce(with: producer, since: began, progress: &progress, write)
        } catch {
            state.withLock { $0.result.note("\(error)") }
        }
        await producer.close(flushMilliseconds: Self.flushMilliseconds)
        progress.finish()
        try writeAcknowledgements(write)
        return state.withLock { state in
            state.result.seconds = (ContinuousClock.now - began).seconds.rounded(places: 3)
            return state.result
        }
    }

    private func produce(
        with producer: KafkaProducer, since began: ContinuousClock.Instant, progress: inout ProgressLine,
        _ write: (String) throws -> Void
    ) async throws {
        var samples = StreamSamples(shape)
        var sent = 0
        var room = limits.window == nil ? Int.max : 0
        while sent < limits.records, !state.withLock({ $0.hasEnded }) {
            let elapsed = (ContinuousClock.now - began).seconds
            guard elapsed < limits.seconds else { break }
            try writeAcknowledgements(write)
            progress.show(fraction: fraction(sent, elapsed), "\(sent) records sent, \(Int(Double(sent) / elapsed))/s")
            var count = min(Self.batchRecords, limits.records - sent)
            if let rate = limits.recordsPerSecond {
                count = min(count, Int(elapsed * rate) - sent)
            }
            if room == 0, count > 0, let window = limits.window {
                room = try await self.room(in: window.records, window.backlog, producer)
            }
            count = min(count, room)
            guard count > 0, Self.hasRoom(producer, for: count) else {
                try await Task.sleep(for: .milliseconds(5))
                continue
            }
            send(count, of: &samples, with: producer)
            sent += count
            if room != .max { room -= count }
        }
    }

    /// Only this gives the producer records: what it has room for now it takes.
    private static func hasRoom(_ producer: KafkaProducer, for count: Int) -> Bool {
        let load = producer.load
        return !load.isShedding && load.records + count <= recordMarks.high
            && load.bytes + count * recordBytes <= byteMarks.high
    }

    private func send(_ count: Int, of samples: inout StreamSamples, with producer: KafkaProducer) {
        let first = samples.number
        var records: [KafkaRecord] = []
        var contents: [StreamSamples.Content] = []
        records.reserveCapacity(count)
        contents.reserveCapacity(count)
        for _ in 0..<count {
            let (record, content) = samples.next()
            records.append(record)
            contents.append(content)
        }
        producer.send(records) { [self, contents] outcome in note(outcome, first, contents) }
    }

    private func note(
        _ outcome: Result<[Result<KafkaDelivery, KafkaError>], KafkaError>, _ first: Int,
        _ contents: [StreamSamples.Content]
    ) {
        state.withLock { state in
            state.result.records += contents.count
            let results: [Result<KafkaDelivery, KafkaError>]
            switch outcome {
            case .success(let all): results = all
            case .failure(let error): results = contents.map { _ in .failure(error) }
            }
            for (index, result) in results.enumerated() {
                switch result {
                case .success(let delivery):
                    state.result.acknowledged += 1
                    if delivery.mayBeDoubled { state.result.mayBeDoubled += 1 }
                    if case .poison = contents[index] { state.result.poison += 1 }
                    guard keepsAcknowledgements else { continue }
                    state.acknowledgements.append(
                        Acknowledgement(number: first + index, content: contents[index], delivery: delivery))
                case .failure(let error):
                    state.result.failed += 1
                    state.result.note("\(error)")
                }
            }
        }
    }

    /// How many more may be sent; zero for now.
    private func room(in window: Int, _ backlog: StreamBacklog, _ producer: KafkaProducer) async throws -> Int {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            // Asked in this order, what is acknowledged in between is counted twice rather than not at all.
            let sending = producer.load.records
            do {
                let room = max(0, window - sending - (try await backlog.records()))
                // Asking costs something: not for every few records.
                if room >= min(window, window / 20 + 1) { return room }
                try await Task.sleep(for: .milliseconds(10))
                return 0
            } catch {
                guard ContinuousClock.now < deadline, !state.withLock({ $0.hasEnded }) else { throw error }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private func writeAcknowledgements(_ write: (String) throws -> Void) throws {
        let acknowledgements = state.withLock { state in
            defer { state.acknowledgements.removeAll(keepingCapacity: true) }
            return state.acknowledgements
        }
        for one in acknowledgements {
            let what =
                switch one.content {
                case .payment(let id): id ?? "payment"
                case .poison: "poison"
                }
            let offset = one.delivery.offset.map(String.init) ?? "-"
            try write("\(one.number) \(one.delivery.partition.number) \(offset) \(what)")
        }
    }

    private func fraction(_ sent: Int, _ elapsed: Double) -> Double? {
        if limits.seconds.isFinite { return elapsed / limits.seconds }
        return limits.records == .max ? nil : Double(sent) / Double(limits.records)
    }
}

/// What `kafka produce` prints.
package struct ProductionResult: Encodable, Sendable {
    /// Given to the brokers.
    package fileprivate(set) var records = 0
    package fileprivate(set) var acknowledged = 0
    package fileprivate(set) var failed = 0
    /// Of those acknowledged, the ones that are no payments.
    package fileprivate(set) var poison = 0
    /// Sent a second time after the client broke, and perhaps stored twice.
    package fileprivate(set) var mayBeDoubled = 0
    package fileprivate(set) var seconds = 0.0
    package let seed: UInt64
    package private(set) var firstError: String?

    fileprivate init(seed: UInt64) { self.seed = seed }

    fileprivate mutating func note(_ error: String) { firstError = firstError ?? error }

    private enum CodingKeys: String, CodingKey {
        case records, acknowledged, failed, poison, seconds, seed
        case mayBeDoubled = "may_be_doubled"
        case firstError = "first_error"
    }

    package var text: String {
        var lines = [
            "\(acknowledged) of \(records) records acknowledged in \(seconds) s, \(failed) failed; "
                + "\(poison) are no payments; seed \(seed)"
        ]
        if mayBeDoubled > 0 { lines.append("\(mayBeDoubled) may stand in the topic twice") }
        if let firstError { lines.append("first error: \(firstError)") }
        return lines.joined(separator: "\n")
    }
}
