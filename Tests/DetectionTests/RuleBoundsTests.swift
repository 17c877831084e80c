import Detection
import Testing

/// Everything has a bound, and at the bound a clear answer.
@Suite struct RuleBoundsTests {
    private func error(_ yaml: String) -> String? {
        do {
            _ = try RuleProgram(yaml: yaml)
            return nil
        } catch { return error.reason }
    }

    private func rules(_ count: Int) -> String {
        "rules:\n" + (0..<count).map { "  - {id: r\($0), when: hour == 1, points: 0.1}\n" }.joined()
    }

    private func sections(_ name: String, _ entries: [String]) -> String {
        "rules: []\n\(name):\n" + entries.map { "  \($0)\n" }.joined()
    }

    @Test func atMostTwoHundredRules() {
        #expect(error(rules(200)) == nil)
        #expect(error(rules(201)) == "201 rules, at most 200")
    }

    @Test func atMost256KilobytesOfText() {
        let filled = "rules: []\n#" + String(repeating: "x", count: RuleProgram.maximumTextBytes - 11)
        #expect(filled.utf8.count == RuleProgram.maximumTextBytes)
        #expect(error(filled) == nil)
        #expect(error(filled + "x") == "262145 bytes of rules, at most 262144")
    }

    @Test func atMostSixtyFourListsAndSixteenTablesOfTwoHundredCurrencies() {
        #expect(error(sections("lists", (0..<64).map { "l\($0): user" })) == nil)
        #expect(error(sections("lists", (0..<65).map { "l\($0): user" })) == "65 entries in lists, at most 64")
        #expect(error(sections("amounts", (0..<16).map { "t\($0): {EUR: 1}" })) == nil)
        #expect(error(sections("amounts", (0..<17).map { "t\($0): {EUR: 1}" })) == "17 entries in amounts, at most 16")
        func table(_ count: Int) -> String {
            let codes = (0..<count).map { "A\(letter($0 / 26))\(letter($0 % 26)): 1" }
            return sections("amounts", ["t: {\(codes.joined(separator: ", "))}"])
        }
        #expect(error(table(200)) == nil)
        #expect(error(table(201)) == "201 entries in amounts.t, at most 200")
        #expect(error(sections("amounts", ["t: {EUR: 1000000000000000}"])) == nil)
        #expect(
            error(sections("amounts", ["t: {EUR: 1000000000000001}"]))?.hasPrefix("EUR must be a number from 0") == true
        )
    }

    private func letter(_ number: Int) -> Character { Character(Unicode.Scalar(UInt8(65 + number))) }

    @Test func conditionsAreAtMostFourKilobytesAndThirtyTwoDeep() {
        let long = "hour == 1" + String(repeating: " ", count: 4096 - 18) + "or is_night".suffix(9)
        #expect(error(ruleText("'\(long.prefix(9))\(String(repeating: " ", count: 4087))'")) == nil)
        #expect(
            error(ruleText("'\(long.prefix(9))\(String(repeating: " ", count: 4088))'"))
                == "when has 4097 bytes, at most 4096")
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "true" + String(repeating: ")", count: depth)
        }
        #expect(error(ruleText(nested(32))) == nil)
        #expect(error(ruleText(nested(33))) == "nested more than 32 deep")
        #expect(error(ruleText(String(repeating: "not ", count: 32) + "true")) == nil)
        #expect(error(ruleText(String(repeating: "not ", count: 33) + "true")) == "nested more than 32 deep")
        #expect(error(ruleText("1 > " + String(repeating: "-", count: 33) + "1")) == "nested more than 32 deep")
        #expect(error(ruleText(String(repeating: "abs(", count: 33) + "1")) == "nested more than 32 deep")
    }

    @Test func aLongChainIsNotDeep() throws {
        let chain = Array(repeating: "hour == 1", count: 300).joined(separator: " or ")
        #expect(try RuleProgram(yaml: ruleText(chain)).codes(context()) == [])
        let sum = Array(repeating: "1", count: 1000).joined(separator: "+")
        #expect(try RuleProgram(yaml: ruleText("\(sum) == 1000")).codes(context()) == ["tested"])
    }

    @Test func setsHoldAtMost256Values() {
        func set(_ count: Int) -> String { "hour in [" + (0..<count).map { "\($0)" }.joined(separator: ",") + "]" }
        #expect(error(ruleText(set(256))) == nil)
        #expect(error(ruleText(set(257))) == "a set has at most 256 values; use a list")
    }

    @Test func reasonsAreAtMost500BytesWithEightValues() {
        func reason(_ text: String) -> String { ruleText("true", "points: 1\n    reason: \"\(text)\"") }
        #expect(error(reason(String(repeating: "x", count: 500))) == nil)
        #expect(error(reason(String(repeating: "x", count: 501))) == "reason has 501 bytes, at most 500")
        #expect(error(reason(String(repeating: "{hour}", count: 8))) == nil)
        #expect(error(reason(String(repeating: "{hour}", count: 9))) == "a reason shows at most 8 values")
        let description = String(repeating: "x", count: 501)
        #expect(
            error(ruleText("true", "points: 1\n    description: \(description)"))
                == "description has 501 bytes, at most 500")
    }

    @Test func namesAreAtMost64Characters() {
        let longest = String(repeating: "x", count: 64)
        #expect(error("rules: [{id: \(longest), when: hour == 1, points: 1}]") == nil)
        #expect(
            error("rules: [{id: \(longest)x, when: hour == 1, points: 1}]")?.hasPrefix("the name of a rule must be")
                == true)
    }

    @Test func prioritiesAreFromMinusAThousandToAThousand() {
        for priority in [-1000, 1000] {
            #expect(error(ruleText("true", "points: 1\n    priority: \(priority)")) == nil)
        }
        for priority in [-1001, 1001] {
            #expect(error(ruleText("true", "points: 1\n    priority: \(priority)")) != nil)
        }
    }

    @Test func deeplyNestedYAMLAndFloodsOfAliasesAreRefused() {
        #expect(error(String(repeating: "[", count: 100_000)) != nil)
        #expect(error(String(repeating: "{a: ", count: 50_000)) != nil)
        #expect(error(String(repeating: "- ", count: 100_000)) != nil)
        #expect(error(String(repeating: "? ", count: 100_000)) != nil)
        var flood = "a0: &a0 [x]\n"
        for level in 1..<40 { flood += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(error(flood)?.hasPrefix("anchors (&name) are not taken") == true)
        for space in ["\u{85}", "\u{2028}", "\u{FEFF}", "\t"] {
            #expect(error("rules:\(space)&a [*a]")?.hasPrefix("anchors (&name) are not taken") == true)
        }
        let repeated = (0..<5000).map { "k\($0): 1\nk\($0): 2\n" }.joined()
        #expect(error(repeated) == "k0 is given twice")
        #expect(error("rules: []\nlists: {x: *a}")?.hasPrefix("not YAML") == true)
        #expect(error(ruleText("true", "points: 1\n    reason: R & D, AT&T")) == nil)
    }
}
