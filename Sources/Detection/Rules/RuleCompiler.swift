/// Turns the rules of a document into code, one after another.
struct RuleCompiler {
    private(set) var code = RuleCode()
    private(set) var descriptions: [RuleDescription] = []
    private(set) var templates: [ReasonTemplate] = []
    private(set) var compiled: [RuleProgram.CompiledRule] = []

    private var scope = RuleScope()

    init(_ document: RuleDocument) {
        scope.lists = document.lists
        for table in document.tables {
            scope.tables[table.name] = code.tables.count
            let amounts = table.byCurrency.map { RuleCode.Amount(currency: $0.key.rawValue, majorUnits: $0.value) }
            code.tables.append(
                RuleCode.AmountTable(start: code.amounts.count, count: amounts.count, other: table.other))
            code.amounts += amounts.sorted { $0.currency < $1.currency }
        }
    }

    mutating func add(_ rule: RuleDocument.Rule) throws(RuleError) {
        let start = code.end
        var readsModel = try compileCondition(rule.when)
        let end = code.end
        let template = try compileReason(rule, &readsModel)
        let position = descriptions.count
        if rule.mode != .off {
            compiled.append(
                RuleProgram.CompiledRule(
                    start: start, end: end, points: rule.points, decision: rule.decision, priority: rule.priority,
                    isShadow: rule.mode == .shadow, position: position))
        }
        templates.append(template)
        descriptions.append(
            RuleDescription(
                id: rule.id, description: rule.description, line: rule.line, mode: rule.mode,
                phase: readsModel ? .afterModel : .beforeModel, points: rule.points, decision: rule.decision,
                priority: rule.priority))
    }

    private mutating func compileCondition(_ when: RuleDocument.Scalar) throws(RuleError) -> Bool {
        guard when.text.utf8.count <= RuleExpressionParser.maximumLength else {
            throw RuleDocument.error(
                when.node, "when has \(when.text.utf8.count) bytes, at most \(RuleExpressionParser.maximumLength)")
        }
        do {
            var parser = try RuleExpressionParser(when.text.utf8, scope: scope, code: code.take())
            try parser.condition()
            code = parser.code
            return parser.readsModel
        } catch {
            throw RuleDocument.error(when, error)
        }
    }

    private mutating func compileReason(
        _ rule: RuleDocument.Rule, _ readsModel: inout Bool
    ) throws(RuleError) -> ReasonTemplate {
        guard let reason = rule.reason else {
            return ReasonTemplate(parts: [.text(rule.description.isEmpty ? rule.id : rule.description)])
        }
        do {
            var parser = ReasonTemplateParser(scope: scope, code: code.take())
            let template = try parser.parse(reason.text)
            code = parser.code
            if parser.readsModel { readsModel = true }
            return template
        } catch {
            throw RuleDocument.error(reason, error)
        }
    }
}
