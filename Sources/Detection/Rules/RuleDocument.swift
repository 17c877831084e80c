import Yams

/// A text of rules as it was read, before its expressions are compiled.
struct RuleDocument {
    /// A piece of the text that errors can point at.
    struct Scalar {
        let text: String
        let node: Node
    }

    struct Rule {
        let id: String
        let line: Int
        let description: String
        let when: Scalar
        let reason: Scalar?
        let points: Double
        let decision: Decision?
        let priority: Int
        let mode: RuleMode
    }

    struct AmountTable {
        let name: String
        let other: Double
        let byCurrency: [CurrencyTag: Double]
    }

    var reviewPoints = 0.5
    var blockPoints = 0.85
    var lists: [String: ListKind] = [:]
    var tables: [AmountTable] = []
    var rules: [Rule] = []

    init(yaml: String) throws(RuleError) {
        guard let root = try Self.parse(yaml) else {
            throw RuleError(line: 1, reason: "there is nothing here; expected rules: and a list of rules")
        }
        let sections = try Self.fields(
            of: root, known: ["version", "decision", "amounts", "lists", "rules"], what: "the rules")
        if let version = sections["version"] { try Self.checkVersion(version) }
        if let decision = sections["decision"] { try readDecision(decision) }
        if let lists = sections["lists"] { try readLists(lists) }
        if let amounts = sections["amounts"] { try readAmounts(amounts) }
        guard let rules = sections["rules"] else {
            throw RuleError(line: 1, reason: "the section rules: is missing")
        }
        try readRules(rules)
    }

    // MARK: Sections

    private static func checkVersion(_ node: Node) throws(RuleError) {
        let version = try scalar(node, "version")
        guard version == "1" else {
            throw error(node, "version must be 1 and is \"\(RuleNames.excerpt(version))\"")
        }
    }

    private mutating func readDecision(_ node: Node) throws(RuleError) {
        let fields = try Self.fields(of: node, known: ["review", "block"], what: "decision")
        if let review = fields["review"] { reviewPoints = try Self.number(review, "review", in: 0...1) }
        if let block = fields["block"] { blockPoints = try Self.number(block, "block", in: 0...1) }
        guard reviewPoints <= blockPoints else {
            throw Self.error(node, "review must not be above block; they are \(reviewPoints) and \(blockPoints)")
        }
    }

    private mutating func readLists(_ node: Node) throws(RuleError) {
        for (name, value) in try Self.pairs(of: node, "lists", atMost: ValueLists.maximumLists) {
            try Self.checkName(name, value, "a list")
            let kind = try Self.scalar(value, name)
            lists[name] = try Self.oneOf(ListKind.allCases, kind, value, "the kind of list \(name)") { $0.name }
        }
    }

    private mutating func readAmounts(_ node: Node) throws(RuleError) {
        for (name, table) in try Self.pairs(of: node, "amounts", atMost: RuleProgram.maximumTables) {
            try Self.checkName(name, table, "a table of amounts")
            var other = Double.nan
            var byCurrency: [CurrencyTag: Double] = [:]
            let entries = try Self.pairs(of: table, "amounts.\(name)", atMost: RuleProgram.maximumCurrencies)
            for (code, value) in entries {
                let amount = try Self.number(value, code, in: 0...RuleProgram.maximumAmount)
                if code == "default" {
                    other = amount
                } else if let currency = CurrencyTag(code) {
                    byCurrency[currency] = amount
                } else {
                    throw Self.error(
                        value,
                        "a currency of three capital letters or default expected, found \"\(RuleNames.excerpt(code))\"")
                }
            }
            tables.append(AmountTable(name: name, other: other, byCurrency: byCurrency))
        }
    }

    private mutating func readRules(_ node: Node) throws(RuleError) {
        guard let sequence = node.sequence else {
            throw Self.error(node, "rules must be a list, each rule beginning with \"- id:\"")
        }
        guard sequence.count <= RuleProgram.maximumRules else {
            throw Self.error(node, "\(sequence.count) rules, at most \(RuleProgram.maximumRules)")
        }
        var lines: [String: Int] = [:]
        for node in sequence {
            let rule = try Self.rule(node)
            if let line = lines[rule.id] {
                throw Self.error(node, "the id \(rule.id) is taken by the rule in line \(line)")
            }
            lines[rule.id] = rule.line
            rules.append(rule)
        }
    }

    private static func rule(_ node: Node) throws(RuleError) -> Rule {
        let fields = try fields(
            of: node, known: ["id", "description", "when", "points", "decision", "priority", "mode", "reason"],
            what: "a rule")
        guard let idNode = fields["id"] else { throw error(node, "a rule without an id") }
        let id = try scalar(idNode, "id")
        try checkName(id, idNode, "a rule")
        guard !RuleProgram.isReserved(id) else {
            throw error(idNode, "the id \(id) is one of the engine's own reasons")
        }
        guard let when = fields["when"] else { throw error(node, "the rule \(id) has no when") }
        guard fields["points"] != nil || fields["decision"] != nil else {
            throw error(node, "the rule \(id) has neither points nor a decision")
        }
        let description = try fields["description"].map { node throws(RuleError) in
            try text(node, "description", atMost: RuleProgram.maximumDescriptionLength)
        }
        return Rule(
            id: id, line: line(node), description: description ?? "",
            when: Scalar(text: try scalar(when, "when"), node: when),
            reason: try fields["reason"].map { node throws(RuleError) in
                Scalar(text: try text(node, "reason", atMost: ReasonTemplate.maximumLength), node: node)
            },
            points: try fields["points"].map { node throws(RuleError) in try number(node, "points", in: 0...1) } ?? 0,
            decision: try fields["decision"].map { node throws(RuleError) in
                try oneOf(Decision.allCases, try scalar(node, "decision"), node, "decision") { $0.name }
            },
            priority: try fields["priority"].map { node throws(RuleError) in try integer(node, "priority") } ?? 0,
            mode: try fields["mode"].map { node throws(RuleError) in
                try oneOf(RuleMode.allCases, try scalar(node, "mode"), node, "mode") { $0.rawValue }
            } ?? .live)
    }
}
