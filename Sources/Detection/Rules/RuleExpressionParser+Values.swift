extension RuleExpressionParser {
    mutating func primary() throws(ExpressionError) -> Operand {
        let token = peek
        switch token.kind {
        case .number(let number):
            advance()
            code.emitConstant(number)
            return Operand(type: .number, offset: token.offset, isConstant: true)
        case .sign("("):
            advance()
            let operand = try nested { parser throws(ExpressionError) in try parser.disjunction() }
            try expect(sign: ")")
            return Operand(type: operand.type, offset: token.offset, isConstant: operand.isConstant)
        case .word("true"), .word("false"):
            advance()
            code.emitConstant(token.kind == .word("true") ? 1 : 0)
            return Operand(type: .boolean, offset: token.offset)
        case .word(let name): return try named(name, token)
        case .quoted, .sign, .end: throw unexpected("a number, a name or \"(\"")
        }
    }

    private mutating func named(_ name: String, _ token: RuleToken) throws(ExpressionError) -> Operand {
        if let function = RuleVocabulary.functions.first(where: { $0.name == name }) {
            return try call(function.name, function.arguments, token)
        }
        guard let operand = field(name, token) ?? score(name, token) ?? feature(name, token) ?? amounts(name, token)
        else { throw unknown(name, token) }
        advance()
        return operand
    }

    private mutating func field(_ name: String, _ token: RuleToken) -> Operand? {
        guard let field = RuleVocabulary.fields.first(where: { $0.name == name }) else { return nil }
        // A key has no value in an expression: the look-up reads it from the payment.
        if let operation = field.operation { code.emit(RuleInstruction(operation)) }
        return Operand(type: field.type, offset: token.offset)
    }

    private mutating func score(_ name: String, _ token: RuleToken) -> Operand? {
        guard let score = RuleVocabulary.scores.first(where: { $0.name == name }) else { return nil }
        readsModel = true
        code.emit(RuleInstruction(score.operation))
        return Operand(type: .score, offset: token.offset)
    }

    private mutating func feature(_ name: String, _ token: RuleToken) -> Operand? {
        let bare = name.hasPrefix("feature.") ? String(name.dropFirst(8)) : name
        guard let feature = RuleVocabulary.features[bare] else { return nil }
        let isSigned = RuleVocabulary.signedFeatures.contains(feature)
        code.emit(RuleInstruction(isSigned ? .signedFeature : .feature, small: feature.rawValue))
        return Operand(type: .feature(feature), offset: token.offset)
    }

    private mutating func amounts(_ name: String, _ token: RuleToken) -> Operand? {
        guard name.hasPrefix("amounts."), let table = scope.tables[String(name.dropFirst(8))] else { return nil }
        code.emit(RuleInstruction(.table, index: table))
        return Operand(type: .money, offset: token.offset)
    }

    private func unknown(_ name: String, _ token: RuleToken) -> ExpressionError {
        if RuleVocabulary.keywords.contains(name) { return unexpected("a number, a name or \"(\"") }
        let known = RuleVocabulary.names(tables: scope.tables.keys.sorted())
        if let nearest = RuleNames.nearest(to: name, among: known) {
            return ExpressionError(token.offset, "unknown name \(token.shown); did you mean \(nearest)?")
        }
        return ExpressionError(
            token.offset, "unknown name \(token.shown); expected a field, a feature, a model score or amounts.TABLE")
    }

    private mutating func call(
        _ name: String, _ count: Int, _ token: RuleToken
    ) throws(ExpressionError) -> Operand {
        advance()
        guard accept(sign: "(") else {
            throw unexpected("\"(\" after \(name), which takes \(count == 1 ? "one value" : "\(count) values"),")
        }
        var arguments: [Operand] = []
        repeat {
            arguments.append(try nested { parser throws(ExpressionError) in try parser.sum() })
        } while accept(sign: ",")
        guard accept(sign: ")") else { throw unexpected("\",\" or \")\"") }
        guard arguments.count == count else {
            throw ExpressionError(
                token.offset, "\(name) takes \(count == 1 ? "one value" : "\(count) values"), not \(arguments.count)")
        }
        if name == "known" { return try known(arguments[0], token) }
        try requireNumbers(arguments[0], arguments[count - 1], name)
        switch name {
        case "abs": code.emit(RuleInstruction(.absolute))
        case "min": code.emit(RuleInstruction(.minimum))
        case "max": code.emit(RuleInstruction(.maximum))
        default: code.emit(RuleInstruction(.fallback))
        }
        let isMoney = arguments.contains { $0.type == .money }
        return Operand(type: isMoney ? .money : .number, offset: token.offset)
    }

    private mutating func known(_ argument: Operand, _ token: RuleToken) throws(ExpressionError) -> Operand {
        switch argument.type {
        case .key(let kind):
            guard kind == .device else {
                throw ExpressionError(argument.offset, "\(argument.type.shown) is always known")
            }
            code.emit(RuleInstruction(.deviceKnown))
        case .boolean: throw ExpressionError(argument.offset, "known asks for a value, and this is true or false")
        default: code.emit(RuleInstruction(.known))
        }
        return Operand(type: .boolean, offset: token.offset)
    }
}
