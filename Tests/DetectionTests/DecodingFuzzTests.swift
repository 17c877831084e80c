import Bytes
import Detection
import Testing

/// Whatever bytes come, decoding gives a value that can be used or an error, and nothing worse. Each run is the same: the
/// mutations are drawn from a fixed seed.
@Suite("Decoding of any bytes")
struct DecodingFuzzTests {
    @Test("profiles that can be read can be used, and are written as they were read")
    func profiles() throws {
        var random = SeededRandom(seed: 11)
        var original = Profiles(capacity: 4)
        for position in 0..<120 { original.take(Self.payment(position, &random)) }
        for position in 0..<40 { original.fold(label(Self.payment(position * 3, &random), .fraud)) }
        let bytes = original.encoded
        var read = 0
        for _ in 0..<6000 {
            let mutated = Self.mutated(bytes, &random)
            guard var profiles = Self.profiles(mutated) else { continue }
            read += 1
            for position in 0..<4 {
                let event = Self.payment(position * 50, &random)
                let features = profiles.take(event)
                for feature in Feature.allCases { #expect(features[feature].isFinite, "\(feature)") }
                profiles.fold(label(event, position.isMultiple(of: 2) ? .fraud : .legitimate))
            }
            let again = profiles.encoded
            #expect(try #require(Self.profiles(again)).encoded == again)
        }
        #expect(read > 500, "mutations that are read must be among them: \(read)")
    }

    @Test("trees and forests that can be read give finite numbers")
    func trees() {
        var random = SeededRandom(seed: 12)
        let table = FeatureTable(columns: ["a", "b", "c"], values: (0..<300).map { _ in random.nextNormal() })
        let forest = IsolationForest(training: table, options: .init(trees: 9, sample: 32, seed: 1))
        var options = BoostedTreesTrainer.Options()
        options.trees = 9
        let labels: [UInt8] = (0..<100).map { table.values[3 * $0] > 0 ? 1 : 0 }
        let boosted = BoostedTreesTrainer(options).train(.init(table: table, labels: labels))
        let forestBytes = Self.bytes { forest.encode(into: &$0) }
        let boostedBytes = Self.bytes { boosted.encode(into: &$0) }
        let row: [Float] = [0.5, -1, 2]
        for _ in 0..<4000 {
            let damagedForest = Self.mutated(forestBytes, &random)
            if let forest = Self.decode(
                damagedForest, { r throws(MalformedBytes) in try IsolationForest(from: &r) }), forest.columnCount == 3
            {
                let score = row.withUnsafeBufferPointer(forest.score)
                #expect(score >= 0 && score <= 1)
                let isFinite = row.withUnsafeBufferPointer(forest.attributions).allSatisfy { $0.isFinite }
                #expect(isFinite)
            }
            let damagedTrees = Self.mutated(boostedBytes, &random)
            if let trees = Self.decode(damagedTrees, { r throws(MalformedBytes) in try BoostedTrees(from: &r) }),
                trees.columnCount == 3
            {
                #expect(row.withUnsafeBufferPointer(trees.margin).isFinite)
            }
        }
    }

    @Test("a transformer that can be read gives a number")
    func transformer() {
        var random = SeededRandom(seed: 13)
        let bytes = Self.bytes { ModelFixtures.transformer(seed: 1).encode(into: &$0) }
        for _ in 0..<1000 {
            let mutated = Self.mutated(bytes, &random)
            guard let read = Self.decode(mutated, { r throws(MalformedBytes) in try Transformer(from: &r) }) else {
                continue
            }
            let logits = read.streamedLogits((0..<20).map { Token(repeating: Int8($0)) })
            let isFinite = logits.allSatisfy { $0.isFinite }
            #expect(isFinite)
        }
    }

    @Test("lists that can be read are lists that could have been made")
    func lists() throws {
        var random = SeededRandom(seed: 14)
        var original = ValueLists()
        for (position, kind) in ListKind.allCases.enumerated() {
            let name = "list_\(position)"
            _ = try original.apply(.create(name: name, kind: kind))
            _ = try original.apply(.add(keys: (0..<20).map { UInt64($0 * 7) }, to: name))
        }
        let bytes = Self.bytes { original.encode(into: &$0) }
        for _ in 0..<4000 {
            let mutated = Self.mutated(bytes, &random)
            guard let read = Self.decode(mutated, { r throws(MalformedBytes) in try ValueLists(from: &r) }) else {
                continue
            }
            let again = Self.bytes { read.encode(into: &$0) }
            #expect(Self.decode(again, { r throws(MalformedBytes) in try ValueLists(from: &r) }) == read)
        }
    }

    @Test("a model's parts behind a right checksum give a model that judges, or an error")
    func models() {
        var random = SeededRandom(seed: 15)
        let artifact = ModelFixtures.model.encode()
        let stream = ModelFixtures.stream(2, seed: 3)
        for _ in 0..<1000 {
            var forged = Array(artifact[..<16]) + Self.mutated(Array(artifact[16...]), &random)
            withUnsafeBytes(of: RuleNames.fingerprint(forged[16...]).littleEndian) {
                forged.replaceSubrange(8..<16, with: $0)
            }
            guard let model = try? DetectionModel(decoding: forged) else { continue }
            let detector = Detector(model: model, rules: .standard, lists: ValueLists(), cacheCapacity: 2)
            for payment in stream {
                let assessment = detector.assess(payment.0, payment.1, history: payment.2)
                #expect(assessment.score >= 0 && assessment.score <= 1)
                #expect(assessment.reasons.count <= RuleOutcome.maximumReasons + 4)
            }
        }
    }

    private static func profiles(_ bytes: [UInt8]) -> Profiles? {
        decode(bytes, { r throws(MalformedBytes) in try Profiles(capacity: 4, from: &r) })
    }

    private static func payment(_ position: Int, _ random: inout SeededRandom) -> PaymentEvent {
        event(
            user: UInt64(random.next(below: 2)), merchant: UInt64(random.next(below: 2)),
            amount: Int64(random.next(below: 100_000)), country: random.next(below: 2) == 0 ? "DE" : "FR",
            device: UInt64(random.next(below: 4)), channel: UInt8(random.next(below: 7)),
            atSeconds: Int64(position) * 7200)
    }

    private static func bytes(_ encode: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter()
        encode(&writer)
        return writer.bytes
    }

    /// Nil: malformed.
    private static func decode<Value>(
        _ bytes: [UInt8], _ decode: (inout ByteReader) throws(MalformedBytes) -> Value
    ) -> Value? {
        bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            return try? decode(&reader)
        }
    }

    /// Bytes overwritten (near the beginning, where counts and shapes stand, every other time), extremes in a row, a part
    /// cut out, or the end cut off.
    private static func mutated(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        let place = random.next(below: random.next(below: 2) == 0 ? min(100, bytes.count) : bytes.count)
        switch random.next(below: 8) {
        case 0: bytes.removeLast(bytes.count - place)
        case 1: bytes.removeSubrange(place..<min(place + 1 + random.next(below: 8), bytes.count))
        case 2, 3:
            let extremes: [UInt8] = [0x00, 0x7F, 0x80, 0xFF]
            let extreme = extremes[random.next(below: 4)]
            for position in place..<min(place + 1 + random.next(below: 8), bytes.count) { bytes[position] = extreme }
        default:
            for _ in 0...random.next(below: 3) {
                bytes[min(place + random.next(below: 64), bytes.count - 1)] = UInt8(random.next(below: 256))
            }
        }
        return bytes
    }
}
