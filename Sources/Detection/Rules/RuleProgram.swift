/// Whether a rule counts.
public enum RuleMode: String, Sendable, CaseIterable {
    case live
    /// It is evaluated and reported, and changes nothing.
    case shadow
    /// It is checked and then left out.
    case off
}

/// Before or after the models.
public enum RulePhase: UInt8, Sendable, CaseIterable {
    /// Rules that read no score of a model; what they say is one of the inputs of the fusion.
    case beforeModel = 0
    /// Rules that read one. Without a model its scores are unknown, and such rules mostly do not fire.
    case afterModel = 1
}

/// One rule of a program, as people see it.
public struct RuleDescription: Sendable, Equatable {
    public let id: String
    public let description: String
    /// Where it begins in the text.
    public let line: Int
    public let mode: RuleMode
    public let phase: RulePhase
    /// 0...1.
    public let points: Double
    /// What it decides, if it does.
    public let decision: Decision?
    public let priority: Int
}

/// A text of rules, checked and compiled. The language is described in docs/rules.md.
///
/// Evaluation is a pure function of the context, takes time in proportion to the text at most, and allocates only when a
/// rule fires. A program is a value that any thread may use.
public struct RuleProgram: Sendable {
    public static let maximumTextBytes = 262_144
    public static let maximumRules = 200
    public static let maximumTables = 16
    /// In one table of amounts.
    public static let maximumCurrencies = 200
    /// Major units in a table of amounts.
    public static let maximumAmount = 1e15
    public static let maximumDescriptionLength = 500
    public static let priorities = -1000...1000

    /// The text that was compiled.
    public let text: String
    /// 64 bits over the text, in hexadecimal: equal for equal texts.
    public let fingerprint: String
    /// In the order of the text, those that are off included.
    public let rules: [RuleDescription]
    /// The lists that the rules look up, by name.
    public let lists: [String: ListKind]
    /// Where rules decide alone: points of at least this are for review, or blocked. 0...1.
    public let reviewPoints: Double
    public let blockPoints: Double

    let code: RuleCode
    /// What is evaluated, by phase: of the highest priority first, and within one as the text has them.
    let compiled: [CompiledRule]
    let templates: [ReasonTemplate]
    /// `compiled` begins with those before the model.
    let countBeforeModel: Int

    struct CompiledRule: Sendable {
        let start: Int
        let end: Int
        let points: Double
        let decision: Decision?
        let priority: Int
        let isShadow: Bool
        /// Its place in `rules` and `templates`.
        let position: Int
    }

    /// Compiles a text of rules. Throws the first thing that is wrong with it.
    public init(yaml: String) throws(RuleError) {
        let document = try RuleDocument(yaml: yaml)
        var compiler = RuleCompiler(document)
        for rule in document.rules { try compiler.add(rule) }
        text = yaml
        fingerprint = Self.hexadecimal(RuleNames.fingerprint(yaml.utf8))
        rules = compiler.descriptions
        lists = document.lists
        reviewPoints = document.reviewPoints
        blockPoints = document.blockPoints
        code = compiler.code
        templates = compiler.templates
        let inOrder = compiler.compiled.sorted {
            ($1.priority, $0.position) < ($0.priority, $1.position)
        }
        let rules = compiler.descriptions
        let before = inOrder.filter { rules[$0.position].phase == .beforeModel }
        compiled = before + inOrder.filter { rules[$0.position].phase == .afterModel }
        countBeforeModel = before.count
    }

    /// How many rules are live or in shadow mode.
    public var activeCount: Int { compiled.count }

    /// What points alone decide.
    public func decision(points: Double) -> Decision {
        if points >= blockPoints { return .block }
        return points >= reviewPoints ? .review : .approve
    }

    /// Reasons that the engine itself gives begin with these; no rule may look like one.
    static func isReserved(_ id: String) -> Bool {
        id.hasPrefix("model_") || id == "no_rule_fired" || id == "no_model"
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
