import Detection
import Testing

/// Every error names the line and what is expected.
@Suite struct RuleErrorTests {
    private func error(_ yaml: String) -> RuleError? {
        do {
            _ = try RuleProgram(yaml: yaml)
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        ("amout > 5", 1, "unknown name \"amout\"; did you mean amount?"),
        ("amount > ratio_to_maen", 10, "unknown name \"ratio_to_maen\"; did you mean ratio_to_mean?"),
        ("model.probabilty > 1", 1, "unknown name \"model.probabilty\"; did you mean model.probability?"),
        ("amounts.hihg > 1", 1, "unknown name \"amounts.hihg\"; did you mean amounts.high?"),
        (
            "xyzzy_plugh > 1", 1,
            "unknown name \"xyzzy_plugh\"; expected a field, a feature, a model score or amounts.TABLE"
        ),
        ("user in list truested", 14, "there is no list \"truested\"; did you mean trusted?"),
        ("user in list elsewhere", 14, "there is no list \"elsewhere\"; declare it under lists:"),
        ("merchant in list trusted", 18, "the list trusted holds user entries, and this is a merchant"),
        ("amount in list trusted", 1, "a list holds users, merchants, devices, countries or currencies, not an amount"),
        ("user == 5", 6, "a user is only looked up: user in list NAME"),
        ("user in [5]", 1, "a user is never written into a rule: user in list NAME"),
        ("amount > 5 and", 15, "a number, a name or \"(\" expected, found the end"),
        ("amount > 5 amount < 3", 12, "and, or, an operator or the end expected, found \"amount\""),
        ("amount", 1, "a condition must be true or false and is an amount; compare it with something, as in > 0"),
        (
            "amount > 5 and hour", 16,
            "the right side of and must be true or false and is a number; compare it with something, as in > 0"
        ),
        ("currency or true", 1, "the left side of or must be true or false and is a currency"),
        (
            "not amount", 5,
            "what follows not must be true or false and is an amount; compare it with something, as in > 0"
        ),
        ("amount = 5", 8, "\"=\" compares nothing; write =="), ("true !true", 6, "\"!\" is not understood; write not"),
        ("true && true", 6, "\"&\" is not understood; write and"),
        ("amount > 5%", 11, "\"%\" is not understood; write 0.05 for 5 %"),
        ("amount > ü", 10, "\"ü\" is not understood here"), ("amount > 'x", 10, "a quote that does not end"),
        ("currency > EUR", 10, "a currency has no order: use ==, != or in"),
        ("currency == eur", 13, "a currency of three capital letters, such as EUR, expected, found \"eur\""),
        ("country in [DE, DEU]", 17, "a country of two capital letters, such as DE, expected, found \"DEU\""),
        (
            "channel == onlin", 12,
            "a channel (card_present, online, mobile, atm, transfer, other) expected, found \"onlin\"; did you mean online?"
        ),
        ("weekday == Friday", 12, "a weekday (monday to sunday) expected, found \"Friday\"; did you mean friday?"),
        ("weekday == 5", 12, "a weekday (monday to sunday) expected, found the number 5"),
        ("1 < amount < 5", 12, "a comparison cannot go on: write a < b and b < c"),
        ("(1 < 2) == true", 9, "true or false is not compared: use and, or, not"),
        ("amount + currency > 1", 10, "\"+\" needs numbers, and this is a currency"),
        ("amount > currency", 10, "\">\" needs numbers, and this is a currency"),
        ("abs(1, 2) > 0", 1, "abs takes one value, not 2"), ("min(1) > 0", 1, "min takes 2 values, not 1"),
        ("abs > 0", 5, "\"(\" after abs, which takes one value, expected, found \">\""),
        ("max(1, currency) > 0", 8, "max needs numbers, and this is a currency"),
        ("known(user)", 7, "a user is always known"), ("(amount > 5", 12, "\")\" expected, found the end"),
        ("amount in [1, 2", 16, "\",\" or \"]\" expected, found the end"),
        ("amount in 5", 11, "list NAME or [value, …] expected, found the number 5"),
        ("amount not 5", 12, "in expected, found the number 5"),
        ("amount > 5x", 10, "\"5x\" is not a number; units of time are s, m, h and d"),
        ("amount > 1.2.3", 10, "\"1.2.3\" is not a number from 0 to 1,000,000,000,000,000,000"),
        ("amount > 1.", 10, "\"1.\" is not a number from 0 to 1,000,000,000,000,000,000"),
        (
            "amount > 1000000000000000001000", 10,
            "\"1000000000000000001000\" is not a number from 0 to 1,000,000,000,000,000,000"
        ),
        ("amount > 1e5", 10, "\"1e\" is not a number; units of time are s, m, h and d"),
    ])
    func aWrongConditionIsNamedWithItsPlace(condition: String, column: Int, reason: String) {
        let sections = "lists:\n  trusted: user\namounts:\n  high:\n    default: 5"
        let error = error(ruleText(condition, sections: sections))
        // A condition in a list's rule stands behind ten characters, in the eighth line.
        #expect(error == RuleError(line: 8, column: column + 10, reason: reason))
    }

    @Test(arguments: [
        ("", 1, "there is nothing here; expected rules: and a list of rules"),
        ("version: 1", 1, "the section rules: is missing"),
        ("version: 2\nrules: []", 1, "version must be 1 and is \"2\""),
        ("rules: []\nlist: {}", 2, "the rules has no \"list\"; did you mean lists?"),
        ("rules: []\nzebra: {}", 2, "the rules has no \"zebra\"; expected version, decision, amounts, lists, rules"),
        ("rules:\n  a: b", 2, "rules must be a list, each rule beginning with \"- id:\""),
        ("rules:\n  - a", 2, "a rule must hold id, description, when, points, decision, priority, mode, reason"),
        ("- a", 1, "the rules must hold version, decision, amounts, lists, rules"),
        ("rules:\n  - when: true", 2, "a rule without an id"),
        ("rules:\n  - id: a\n    points: 1", 2, "the rule a has no when"),
        ("rules:\n  - id: a\n    when: true", 2, "the rule a has neither points nor a decision"),
        (
            "rules:\n  - id: A b\n    when: true", 2,
            "the name of a rule must be 1 to 64 of a-z, 0-9 and _, beginning with a letter, and is \"A b\""
        ),
        ("rules:\n  - id: a\n    wehn: true", 3, "a rule has no \"wehn\"; did you mean when?"),
        ("rules:\n  - id: model_x\n    when: true", 2, "the id model_x is one of the engine's own reasons"),
        ("rules:\n  - id: no_model\n    when: true", 2, "the id no_model is one of the engine's own reasons"),
        (
            "rules:\n  - id: a\n    when: true\n    points: 1\n  - id: a\n    when: true\n    points: 1", 5,
            "the id a is taken by the rule in line 2"
        ),
        ("rules:\n  - id: a\n    when: true\n    points: 1.5", 4, "points must be a number from 0 to 1 and is \"1.5\""),
        ("rules:\n  - id: a\n    when: true\n    points: nan", 4, "points must be a number from 0 to 1 and is \"nan\""),
        (
            "rules:\n  - id: a\n    when: true\n    decision: reject", 4,
            "decision must be one of approve, review, block and is \"reject\""
        ),
        (
            "rules:\n  - id: a\n    when: true\n    points: 1\n    priority: 2000", 5,
            "priority must be a whole number from -1000 to 1000 and is \"2000\""
        ),
        (
            "rules:\n  - id: a\n    when: true\n    points: 1\n    mode: on", 5,
            "mode must be one of live, shadow, off and is \"on\""
        ),
        ("rules:\n  - id: a\n    id: b\n    when: true", 2, "id is given twice"),
        ("rules:\n  - id: a\n    when: [true]\n    points: 1", 3, "when must be a single value"),
        (
            "rules: []\nlists:\n  x: animal", 3,
            "the kind of list x must be one of user, merchant, device, country, currency and is \"animal\""
        ),
        (
            "rules: []\nlists:\n  X: user", 3,
            "the name of a list must be 1 to 64 of a-z, 0-9 and _, beginning with a letter, and is \"X\""
        ),
        (
            "rules: []\namounts:\n  x:\n    eur: 5", 4,
            "a currency of three capital letters or default expected, found \"eur\""
        ),
        (
            "rules: []\namounts:\n  x:\n    EUR: -5", 4,
            "EUR must be a number from 0 to 1,000,000,000,000,000 and is \"-5\""
        ),
        ("rules: []\namounts:\n  x: 5", 3, "amounts.x must hold pairs of name: value"),
        (
            "rules: []\ndecision:\n  review: 0.9\n  block: 0.5", 3,
            "review must not be above block; they are 0.9 and 0.5"
        ),
        ("rules: []\ndecision:\n  reveiw: 0.9", 3, "decision has no \"reveiw\"; did you mean review?"),
        ("rules: &a\n  - *a", 1, "anchors (&name) are not taken; put a space behind &, or write and"),
        ("rules: []\n---\nrules: []", 2, "not YAML: but found another document"),
        ("rules: [", 2, "not YAML: did not find expected node content"),
    ])
    func aWrongTextIsNamedWithItsLine(yaml: String, line: Int, reason: String) {
        let error = error(yaml)
        #expect(error?.line == line)
        #expect(error?.reason == reason)
    }

    @Test func anErrorInABlockOfLinesNamesItsLine() {
        let literal = "rules:\n  - id: a\n    points: 1\n    when: |\n      amount > 5\n      and amout < 9\n"
        #expect(error(literal)?.description == "line 6: unknown name \"amout\"; did you mean amount?")
        let folded = "rules:\n  - id: a\n    points: 1\n    when: >\n      amount > 5\n      and amout < 9\n"
        #expect(error(folded)?.description == "line 4: unknown name \"amout\"; did you mean amount?")
        let quoted = "rules:\n  - id: a\n    points: 1\n    when: 'amout < 9'\n"
        #expect(error(quoted)?.description == "line 4, column 12: unknown name \"amout\"; did you mean amount?")
    }

    @Test func whatIsWrongInAReasonIsNamedToo() {
        func reason(_ text: String) -> String? {
            error(ruleText("true", "points: 1\n    reason: \"\(text)\""))?.description
        }
        #expect(reason("{amuont}") == "line 6, column 15: unknown name \"amuont\"; did you mean amount?")
        #expect(reason("a { b") == "line 6, column 16: a brace without its partner; write {{ or }} for a brace itself")
        #expect(reason("a } b")?.contains("a brace without its partner") == true)
        #expect(reason("{user}")?.hasSuffix("a reason never names a user") == true)
        #expect(reason("{merchant}")?.hasSuffix("a reason never names a merchant") == true)
        #expect(reason("{known(amount)}")?.hasSuffix("a reason shows values, not true or false") == true)
        #expect(reason("{currency|money}")?.hasSuffix("only a number has a format, and this is a currency") == true)
        #expect(reason("{hour|roman}")?.contains("unknown format \"roman\"") == true)
        #expect(reason("{hour|}")?.contains("the name of a format") == true)
        #expect(reason("{}")?.contains("expected, found the end") == true)
        #expect(reason("two\\nlines") == "line 6, column 13: reason must be one line without control characters")
        #expect(reason("a \\u202e b")?.hasSuffix("reason must be one line without control characters") == true)
    }

    @Test func controlCharactersNeverReachAMessage() {
        let error = error(ruleText("\"currency == \\\"\\e[31m\\u0007\\\"\""))
        #expect(error?.reason.unicodeScalars.allSatisfy { $0.value >= 0x20 } == true)
        #expect(error?.reason.hasSuffix("found \"?[31m?\"") == true)
    }
}
