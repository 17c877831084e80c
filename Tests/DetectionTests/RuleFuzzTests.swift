import Detection
import Testing

/// Whatever is given, the answer is a program or an error that says where.
@Suite struct RuleFuzzTests {
    private func compile(_ text: String) -> RuleProgram? {
        do {
            return try RuleProgram(yaml: text)
        } catch {
            #expect(error.line >= 1 && (error.column ?? 1) >= 1)
            #expect(!error.reason.isEmpty && error.reason.utf8.count < 500)
            #expect(!error.reason.utf8.contains { $0 < 0x20 })
            return nil
        }
    }

    @Test func randomBytesNeverCrash() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<3000 {
            let bytes = (0..<random.below(200)).map { _ in UInt8(random.below(256)) }
            _ = compile(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test func wordsOfTheLanguageInAnyOrderNeverCrash() {
        let words = [
            "amount", "and", "or", "not", "in", "list", "trusted", "[", "]", "(", ")", "<", ">=", "==", "!=", "+", "-",
            "*", "/", "1", "2h", "0.5", "EUR", "currency", "country", "DE", "user", "known", "fallback", "min", ",",
            "ratio_to_mean", "merchant_is_new", "model.forest", "amounts.high", "true", "weekday", "monday", "|", "'x'",
            "amount_z", "device", "abs",
        ]
        let sections = "lists:\n  trusted: user\namounts:\n  high: {EUR: 5}"
        var random = SeededRandom(seed: 2)
        var compiled = 0
        for seed in 0..<30_000 {
            let condition = (0...random.below(12)).map { _ in words[random.below(words.count)] }.joined(separator: " ")
            let text = ruleText("\"\(condition)\"", sections: sections)
            guard let program = compile(text) else { continue }
            compiled += 1
            let outcome = program.outcome(randomContext(UInt64(seed)))
            #expect(outcome.points == 0 || outcome.points == 0.5)
        }
        #expect(compiled > 100, "or nothing is ever evaluated")
    }

    @Test func mutatedStandardRulesNeverCrash() {
        let original = Array(RuleProgram.standardText.utf8)
        var random = SeededRandom(seed: 3)
        for seed in 0..<600 {
            var bytes = original
            for _ in 0...random.below(4) {
                let place = random.below(bytes.count)
                switch random.below(4) {
                case 0: bytes[place] = UInt8(random.below(256))
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(original[random.below(original.count)], at: place)
                default:
                    let end = min(bytes.count, place + random.below(40))
                    bytes.removeSubrange(place..<end)
                }
                if bytes.isEmpty { bytes = original }
            }
            if let program = compile(String(decoding: bytes, as: UTF8.self)) {
                let outcome = program.outcome(randomContext(UInt64(seed)))
                #expect(0...1 ~= outcome.points)
            }
        }
    }
}
