import Detection
import Foundation
import Testing

@Suite struct ReasonsJSONTests {
    @Test func reasonsAreAnArrayOfObjects() {
        let none = Assessment(
            decision: .approve, score: 0,
            reasons: [Reason(code: "no_rule_fired", text: "5 rules checked, none fired", points: 0)])
        #expect(
            text(none) == #"[{"code":"no_rule_fired","text":"5 rules checked, none fired","points":0}]"#)
        let two = Assessment(
            decision: .review, score: 0.7,
            reasons: [Reason(code: "a", text: "one", points: 0.4), Reason(code: "b", text: "two", points: 0.125)])
        #expect(text(two) == #"[{"code":"a","text":"one","points":0.4},{"code":"b","text":"two","points":0.125}]"#)
    }

    @Test func everyCharacterSurvivesFoundation() throws {
        let awkward = String(String.UnicodeScalarView((0..<0x90).map { Unicode.Scalar($0)! })) + "\"\\ é 漢 🦊"
        let reason = Reason(code: "x\"", text: awkward, points: 1)
        let json = Assessment(decision: .block, score: 1, reasons: [reason]).reasonsJSON
        let parsed = try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [[String: Any]])
        #expect(parsed[0]["text"] as? String == awkward)
        #expect(parsed[0]["code"] as? String == "x\"")
        #expect(parsed[0]["points"] as? Int == 1)
    }

    @Test(arguments: [(0.5, "0.5"), (0.05, "0.05"), (0.001, "0.001"), (0.9996, "1"), (0.0004, "0"), (0.35, "0.35")])
    func pointsHaveAtMostThreeDecimals(points: Double, written: String) {
        let json = text(Assessment(decision: .block, score: 1, reasons: [Reason(code: "", text: "", points: points)]))
        #expect(json == #"[{"code":"","text":"","points":\#(written)}]"#)
    }

    @Test func moneyIsWrittenToTheMinorUnit() {
        #expect(MinorUnits.text(421_000, exponent: 2, grouped: true) == "4,210.00")
        #expect(MinorUnits.text(5, exponent: 3, grouped: true) == "0.005")
        #expect(MinorUnits.text(1_234_567, exponent: 0, grouped: true) == "1,234,567")
        #expect(MinorUnits.text(1_234_567, exponent: 4, grouped: false) == "123.4567")
    }

    @Test func tagsAreCapitalLettersOfTheirLength() {
        #expect(CurrencyTag("EUR")?.rawValue == 0x455552)
        #expect(CurrencyTag("EUR")?.description == "EUR")
        #expect(CountryTag("DE")?.description == "DE")
        for wrong in ["", "EU", "EURO", "eur", "E R", "ÉUR"] { #expect(CurrencyTag(wrong) == nil) }
        for wrong in ["", "D", "DEU", "de", "D1"] { #expect(CountryTag(wrong) == nil) }
    }

    @Test func decisionsHaveNames() {
        for decision in Decision.allCases { #expect(Decision(name: decision.name) == decision) }
        #expect(Decision(name: "reject") == nil)
    }

    private func text(_ assessment: Assessment) -> String { String(decoding: assessment.reasonsJSON, as: UTF8.self) }
}
