/// What an expression may refer to besides the fixed vocabulary.
struct RuleScope {
    /// Tables of amounts, by their place in `RuleCode.tables`.
    var tables: [String: Int] = [:]
    /// Lists that the rules declare.
    var lists: [String: ListKind] = [:]
}

/// Reads one expression by recursive descent, checks its types, and appends its code.
///
///     or      = and { "or" and }
///     and     = not { "and" not }
///     not     = "not" not | test
///     test    = sum [ comparison sum | [ "not" ] "in" set ]
///     sum     = product { ( "+" | "-" ) product }
///     product = unary { ( "*" | "/" ) unary }
///     unary   = "-" unary | primary
///     primary = number | name | function "(" or { "," or } ")" | "(" or ")"
struct RuleExpressionParser {
    /// Parentheses, functions, signs and nots inside each other.
    static let maximumDepth = 32
    /// Bytes of one expression.
    static let maximumLength = 4096
    /// Values of one set in brackets.
    static let maximumSetSize = 256

    /// What has just been compiled.
    struct Operand {
        var type: RuleType
        let offset: Int
        /// It is the last instruction, a constant.
        var isConstant = false
    }

    let scope: RuleScope
    var code: RuleCode
    /// It reads a score of a model, so it can be evaluated only after the model.
    var readsModel = false

    private let tokens: [RuleToken]
    private var position = 0
    private var depth = 0

    init(_ text: some Sequence<UInt8>, scope: RuleScope, code: consuming RuleCode) throws(ExpressionError) {
        tokens = try RuleLexer.tokens(of: text)
        self.scope = scope
        self.code = code
        self.code.beginExpression()
    }

    /// A whole condition: true or false, up to the end of the text.
    mutating func condition() throws(ExpressionError) {
        let operand = try disjunction()
        try expectEnd()
        try requireBoolean(operand, "a condition")
    }

    /// A whole value for a reason, and the name of a format after "|", if there is one.
    mutating func value() throws(ExpressionError) -> (type: RuleType, format: String?) {
        let operand = try sum()
        var format: String?
        if accept(sign: "|") {
            guard case .word(let name) = peek.kind else {
                throw unexpected("the name of a format: \(ReasonTemplate.formats)")
            }
            format = name
            advance()
        }
        try expectEnd()
        return (operand.type, format)
    }

    // MARK: Tokens

    var peek: RuleToken { tokens[position] }

    mutating func advance() { if position < tokens.count - 1 { position += 1 } }

    mutating func accept(sign: String) -> Bool {
        guard peek.kind == .sign(sign) else { return false }
        advance()
        return true
    }

    mutating func accept(word: String) -> Bool {
        guard peek.kind == .word(word) else { return false }
        advance()
        return true
    }

    mutating func expect(sign: String) throws(ExpressionError) {
        guard accept(sign: sign) else { throw unexpected("\"\(sign)\"") }
    }

    func unexpected(_ expected: String) -> ExpressionError {
        ExpressionError(peek.offset, "\(expected) expected, found \(peek.shown)")
    }

    private func expectEnd() throws(ExpressionError) {
        guard peek.kind == .end else { throw unexpected("and, or, an operator or the end") }
    }

    /// Guards the recursion: a text cannot make the compiler run out of stack.
    mutating func nested<Result>(
        _ body: (inout Self) throws(ExpressionError) -> Result
    ) throws(ExpressionError) -> Result {
        guard depth < Self.maximumDepth else {
            throw ExpressionError(peek.offset, "nested more than \(Self.maximumDepth) deep")
        }
        depth += 1
        let result = try body(&self)
        depth -= 1
        return result
    }

    // MARK: Logic

    mutating func disjunction() throws(ExpressionError) -> Operand {
        try chain(word: "or", jump: .jumpIfTrue, join: .or) { parser throws(ExpressionError) in
            try parser.conjunction()
        }
    }

    private mutating func conjunction() throws(ExpressionError) -> Operand {
        try chain(word: "and", jump: .jumpIfFalse, join: .and) { parser throws(ExpressionError) in
            try parser.negation()
        }
    }

    private mutating func chain(
        word: String, jump: RuleInstruction.Operation, join: RuleInstruction.Operation,
        _ part: (inout Self) throws(ExpressionError) -> Operand
    ) throws(ExpressionError) -> Operand {
        let first = try part(&self)
        guard peek.kind == .word(word) else { return first }
        try requireBoolean(first, "the left side of \(word)")
        var jumps: [Int] = []
        while accept(word: word) {
            jumps.append(code.end)
            code.emit(RuleInstruction(jump))
            let next = try part(&self)
            try requireBoolean(next, "the right side of \(word)")
            code.emit(RuleInstruction(join))
        }
        for place in jumps { code.land(place) }
        return Operand(type: .boolean, offset: first.offset)
    }

    private mutating func negation() throws(ExpressionError) -> Operand {
        let offset = peek.offset
        guard accept(word: "not") else { return try test() }
        let operand = try nested { parser throws(ExpressionError) in try parser.negation() }
        try requireBoolean(operand, "what follows not")
        code.emit(RuleInstruction(.not))
        return Operand(type: .boolean, offset: offset)
    }

    /// `operand` is what was compiled last.
    private mutating func requireBoolean(_ operand: Operand, _ role: String) throws(ExpressionError) {
        if operand.type == .boolean { return }
        if case .feature(let feature) = operand.type, RuleVocabulary.flags.contains(feature) {
            return code.emitFlagTest()
        }
        let hint = operand.type.isNumber ? "; compare it with something, as in > 0" : ""
        throw ExpressionError(operand.offset, "\(role) must be true or false and is \(operand.type.shown)\(hint)")
    }

    // MARK: Arithmetic

    mutating func sum() throws(ExpressionError) -> Operand {
        var left = try product()
        while case .sign(let sign) = peek.kind, let operation = Self.additions[sign] {
            advance()
            let right = try product()
            try requireNumbers(left, right, "\"\(sign)\"")
            code.emit(RuleInstruction(operation))
            let isMoney = left.type == .money || right.type == .money
            left = Operand(type: isMoney ? .money : .number, offset: left.offset)
        }
        return left
    }

    private mutating func product() throws(ExpressionError) -> Operand {
        var left = try unary()
        while case .sign(let sign) = peek.kind, let operation = Self.multiplications[sign] {
            advance()
            let right = try unary()
            try requireNumbers(left, right, "\"\(sign)\"")
            code.emit(RuleInstruction(operation))
            // An amount divided by an amount is a mere number; times or through a number it stays an amount.
            let isMoney =
                operation == .divide
                ? left.type == .money && right.type != .money : left.type == .money || right.type == .money
            left = Operand(type: isMoney ? .money : .number, offset: left.offset)
        }
        return left
    }

    private mutating func unary() throws(ExpressionError) -> Operand {
        let offset = peek.offset
        guard accept(sign: "-") else { return try primary() }
        let operand = try nested { parser throws(ExpressionError) in try parser.unary() }
        try requireNumbers(operand, operand, "\"-\"")
        if operand.isConstant {
            let value = code.takeConstant()
            code.emitConstant(-value)
            return Operand(type: operand.type, offset: offset, isConstant: true)
        }
        code.emit(RuleInstruction(.negate))
        return Operand(type: operand.type == .money ? .money : .number, offset: offset)
    }

    func requireNumbers(_ left: Operand, _ right: Operand, _ role: String) throws(ExpressionError) {
        for operand in [left, right] where !operand.type.isNumber {
            throw ExpressionError(operand.offset, "\(role) needs numbers, and this is \(operand.type.shown)")
        }
    }

    private static let additions: [String: RuleInstruction.Operation] = ["+": .add, "-": .subtract]
    private static let multiplications: [String: RuleInstruction.Operation] = ["*": .multiply, "/": .divide]
}
