import Bytes
import Detection
import Testing

@Suite struct TransformerTests {
    private static func transformer(
        seed: UInt64 = 1, blocks: Int = 2, usesMerchantLabels: Bool = true
    ) -> Transformer {
        var configuration = Transformer.Configuration(usesMerchantLabels: usesMerchantLabels)
        configuration.blocks = blocks
        var random = SeededRandom(seed: seed)
        let parameters = (0..<TransformerLayout(configuration).count).map { _ in Float(random.nextUnit() - 0.5) * 0.6 }
        return Transformer(configuration: configuration, parameters: parameters)
    }

    private static func tokens(_ count: Int, seed: UInt64) -> [Token] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in
            var token = Token.zero
            for field in 0..<16 { token[field] = Int8(truncatingIfNeeded: random.next()) }
            return token
        }
    }

    @Test(arguments: [1, 2])
    func `streaming and batch say the same`(blocks: Int) {
        let transformer = Self.transformer(blocks: blocks)
        let tokens = Self.tokens(100, seed: 2)
        let streamed = transformer.streamedLogits(tokens)
        let plain = transformer.logits(tokens)
        for (one, other) in zip(streamed, plain) { #expect(abs(one - other) < 1e-4) }
        #expect(Set(streamed).count > 90)
    }

    @Test func `what comes later changes nothing`() {
        let transformer = Self.transformer()
        let tokens = Self.tokens(40, seed: 3)
        #expect(Array(transformer.logits(tokens)[..<20]) == transformer.logits(Array(tokens[..<20])))
    }

    @Test func `a payment depends on the thirty before it and no more`() {
        let transformer = Self.transformer()
        var tokens = Self.tokens(40, seed: 4)
        let before = transformer.streamedLogits(tokens)
        tokens[5] = ~tokens[5]
        let after = transformer.streamedLogits(tokens)
        #expect(before[35] != after[35])
        #expect(Array(before[36...]) == Array(after[36...]))
    }

    @Test(arguments: [0, 1, 7, 14, 15, 16, 17, 29, 30, 31, 32, 33, 47, 100])
    func `a state from the history is the state that streaming left, to the bit`(length: Int) {
        let transformer = Self.transformer()
        let tokens = Self.tokens(length, seed: 5)
        let next = Self.tokens(40, seed: 6)
        var history = TokenSequence()
        var streamed = transformer.emptyState()
        for token in tokens {
            history.append(token)
            _ = transformer.step(token, &streamed)
        }
        var restored = transformer.state(after: history)
        for token in next { #expect(transformer.step(token, &restored) == transformer.step(token, &streamed)) }
    }

    @Test func `a cache gives what streaming gives, however small it is`() {
        let transformer = Self.transformer()
        for capacity in [1, 3, 100] {
            let cache = TransformerCache(capacity: capacity)
            var histories = [TokenSequence](repeating: TokenSequence(), count: 8)
            var states = histories.map { _ in transformer.emptyState() }
            var random = SeededRandom(seed: 7)
            for token in Self.tokens(600, seed: 8) {
                let user = random.next(below: histories.count)
                let said = cache.logit(for: UInt64(user), history: histories[user], token: token, by: transformer)
                #expect(said == transformer.step(token, &states[user]))
                histories[user].append(token)
            }
            #expect(cache.count <= capacity)
            #expect(cache.rebuilds >= 8 && (capacity < 8 || cache.rebuilds == 8))
        }
    }

    @Test func `a cache believes the history and not its memory`() {
        let transformer = Self.transformer()
        let cache = TransformerCache(capacity: 10)
        let tokens = Self.tokens(40, seed: 9)
        var history = TokenSequence()
        for token in tokens {
            // Judged and then not taken: another payment came in its place.
            _ = cache.logit(for: 1, history: history, token: ~token, by: transformer)
            let said = cache.logit(for: 1, history: history, token: token, by: transformer)
            var state = transformer.state(after: history)
            #expect(said == transformer.step(token, &state))
            history.append(token)
        }
        #expect(cache.rebuilds == 1)
        var other = TokenSequence()
        for token in tokens.reversed() { other.append(token) }
        var state = transformer.state(after: other)
        #expect(
            cache.logit(for: 1, history: other, token: tokens[0], by: transformer)
                == transformer.step(tokens[0], &state))
        #expect(cache.rebuilds == 2)
    }

    @Test func `another transformer empties the cache`() {
        let (one, other) = (Self.transformer(seed: 1), Self.transformer(seed: 2))
        let cache = TransformerCache(capacity: 10)
        var history = TokenSequence()
        for token in Self.tokens(5, seed: 10) {
            _ = cache.logit(for: 1, history: history, token: token, by: one)
            history.append(token)
        }
        var state = other.state(after: history)
        #expect(cache.logit(for: 1, history: history, token: .zero, by: other) == other.step(.zero, &state))
    }

    @Test func `without merchant labels their fields change nothing`() {
        let transformer = Self.transformer(usesMerchantLabels: false)
        #expect(!transformer.configuration.usesMerchantLabels)
        let tokens = Self.tokens(20, seed: 11)
        let masked = tokens.map { token in
            var token = token
            for field in TokenField.merchantLabelFields { token[field] = 0 }
            return token
        }
        #expect(transformer.streamedLogits(tokens) == transformer.streamedLogits(masked))
        let seeing = Self.transformer()
        #expect(seeing.streamedLogits(tokens) != seeing.streamedLogits(masked))
    }

    @Test func `encoded and decoded it is the same`() throws {
        let transformer = Self.transformer(usesMerchantLabels: false)
        #expect(try Self.decoded(Self.encoded(transformer)) == transformer)
    }

    @Test func `any bytes give a transformer that works or a clear error`() throws {
        let encoded = Self.encoded(Self.transformer())
        for length in 0..<64 { #expect(throws: MalformedBytes.self) { try Self.decoded(Array(encoded[..<length])) } }
        var random = SeededRandom(seed: 12)
        let tokens = Self.tokens(20, seed: 13)
        for _ in 0..<300 {
            var bytes = encoded
            for _ in 0..<1 + random.next(below: 8) {
                bytes[random.next(below: random.next(below: 2) == 0 ? 40 : bytes.count)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            guard let transformer = try? Self.decoded(bytes) else { continue }
            for logit in transformer.streamedLogits(tokens) { #expect(logit.isFinite) }
        }
    }

    private static func encoded(_ transformer: Transformer) -> [UInt8] {
        var writer = ByteWriter()
        transformer.encode(into: &writer)
        return writer.bytes
    }

    private static func decoded(_ bytes: [UInt8]) throws -> Transformer {
        try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            return try Transformer(from: &reader)
        }
    }
}
