import Detection
import Testing

/// What a reason says.
@Suite struct ReasonTextTests {
    private func text(_ template: String, _ context: RuleContext, sections: String = "") throws -> String {
        let program = try RuleProgram(
            yaml: ruleText("true", "points: 1\n    reason: \"\(template)\"", sections: sections))
        return program.outcome(context).reasons[0].text
    }

    @Test(arguments: [
        ("{amount} in {currency}", "1,234.56 EUR in EUR"), ("{amount * 2}", "2,469.12 EUR"),
        ("{amount / 2|number}", "617.28"), ("{amount / amount}", "1"), ("{-amount}", "-1,234.56 EUR"),
        ("{country}", "DE"), ("{weekday} at {hour}", "thursday at 3"), ("{channel}", "unknown"),
        ("{ratio_to_mean|times}", "12.5 times"), ("{ratio_to_mean|number}", "12.5"),
        ("{merchant_fraud_share_7d|percent}", "25%"), ("{90s|duration}", "1 minute 30 seconds"),
        ("{gap_seconds|duration}", "unknown"), ("{amounts.high}", "5,000.00 EUR"), ("{10 * amounts.low}", "unknown"),
        ("{model.probability}", "93.1%"), ("{model.forest}", "unknown"), ("{1 / 0}", "unknown"),
        ("{1 / 0|times}", "unknown"), ("{{braces}}", "{braces}"), ("{1 / 3}", "0.333"), ("{-1 / 100000}", "0"),
        ("{1_000_000_000_000_000_000}", "1,000,000,000,000,000"),
        ("{0 - 1_000_000_000_000_000_000|times}", "-1,000,000,000,000,000 times"),
        ("{1_000_000_000_000_000_000|duration}", "11574074074 days 1 hour"),
        ("{amount * 1_000_000_000_000_000_000|money}", "10,000,000,000,000.00 EUR"),
        ("{1_000_000_000_000_000_000|percent}", "1,000,000,000,000,000%"), ("{min(2.5, 3)} {abs(-2)}", "2.5 2"),
    ])
    func aValueIsWrittenInItsForm(template: String, expected: String) throws {
        let payment = context(
            event(amount: 1234_56, country: "DE", atSeconds: 3 * 3600),
            [.ratioToMean: 12.5, .merchantFraudShare7d: 0.25], probability: 0.931)
        let sections = "amounts:\n  high: {default: 5000}\n  low: {USD: 1}"
        #expect(try text(template, payment, sections: sections) == expected)
    }

    @Test func aFeatureSaysWhatItIs() throws {
        #expect(try text("{ratio_to_mean}", context(event(), [.ratioToMean: 12.5])) == Feature.ratioToMean.words(12.5))
        #expect(try text("{ratio_to_mean}", context()) == "unknown")
    }

    @Test func withoutAReasonTheDescriptionIsItAndElseTheId() throws {
        let described = try RuleProgram(yaml: ruleText("true", "points: 1\n    description: What it finds"))
        #expect(described.outcome(context()).reasons[0].text == "What it finds")
        #expect(try RuleProgram(yaml: ruleText("true")).outcome(context()).reasons[0].text == "tested")
    }

    /// Nobody who sends a payment can write into a reason: what varies is numbers and capital letters.
    @Test func whatASenderWritesNeverReachesAReason() {
        for seed in 0..<500 {
            for reason in RuleProgram.standard.outcome(randomContext(UInt64(seed))).reasons {
                #expect(reason.text.unicodeScalars.allSatisfy { 0x20..<0x7F ~= $0.value })
                #expect(!reason.text.contains { "{}\"\\<>".contains($0) })
                #expect(reason.text.utf8.count < 300)
            }
        }
    }

    /// Every format and every size of number has a text.
    @Test(arguments: ["number", "money", "times", "percent", "duration"])
    func everyNumberHasAText(format: String) throws {
        for exponent in 0...4 {
            for value: Float in [
                0, -1, 1e-30, -1e-30, 0.5, 1e15, 1e30, -1e30, .greatestFiniteMagnitude, .nan, .infinity,
            ] {
                let payment = context(
                    event(exponent: UInt8(exponent)), [.amountZ: value, .merchantAmountZ: value])
                let written = try text(
                    "{amount_z|\(format)} {merchant_amount_z * merchant_amount_z|\(format)}", payment)
                #expect(written.utf8.count < 100)
            }
        }
    }
}
