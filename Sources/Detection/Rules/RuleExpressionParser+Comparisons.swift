extension RuleExpressionParser {
    /// A comparison, a look-up, or a plain value.
    mutating func test() throws(ExpressionError) -> Operand {
        let left = try sum()
        if case .sign(let sign) = peek.kind, let operation = Self.comparisons[sign] {
            return try comparison(left, sign, operation)
        }
        if accept(word: "in") { return try membership(left) }
        if peek.kind == .word("not") {
            advance()
            guard accept(word: "in") else { throw unexpected("in") }
            let operand = try membership(left)
            code.emit(RuleInstruction(.not))
            return operand
        }
        return left
    }

    // MARK: Comparisons

    private mutating func comparison(
        _ left: Operand, _ sign: String, _ operation: RuleInstruction.Operation
    ) throws(ExpressionError) -> Operand {
        let offset = peek.offset
        advance()
        switch left.type {
        case .number, .money, .feature, .score:
            let right = try sum()
            try requireNumbers(left, right, "\"\(sign)\"")
            compareNumbers(left, right, operation)
        case .currency, .country, .channel, .weekday:
            guard operation == .equal || operation == .notEqual else {
                throw ExpressionError(offset, "\(left.type.shown) has no order: use ==, != or in")
            }
            code.emitConstant(try category(left.type))
            code.emit(RuleInstruction(operation))
        case .boolean:
            throw ExpressionError(offset, "true or false is not compared: use and, or, not")
        case .key(let kind):
            throw ExpressionError(offset, "\(left.type.shown) is only looked up: \(kind.name) in list NAME")
        }
        if case .sign(let next) = peek.kind, Self.comparisons[next] != nil {
            throw ExpressionError(peek.offset, "a comparison cannot go on: write a < b and b < c")
        }
        return Operand(type: .boolean, offset: left.offset)
    }

    private mutating func compareNumbers(
        _ left: Operand, _ right: Operand, _ operation: RuleInstruction.Operation
    ) {
        var operation = operation
        let isFeatureFirst: Bool
        switch (left.type, right.type) {
        case (.feature, _) where right.isConstant: isFeatureFirst = true
        case (_, .feature) where left.isConstant:
            isFeatureFirst = false
            operation = Self.mirrored[operation] ?? operation
        default: return code.emit(RuleInstruction(operation))
        }
        // A feature is in single precision: 0.7 means the single nearest to it, or else 0.7 would not be >= 0.7.
        let (feature, constant) = code.takeFeatureAndConstant(isFeatureFirst: isFeatureFirst)
        let single = Double(Float(constant))
        if feature.operation == .feature, let fused = Self.fused[operation] {
            return code.emit(RuleInstruction(fused, small: feature.small, index: code.index(of: single)))
        }
        code.emit(feature)
        code.emitConstant(single)
        code.emit(RuleInstruction(operation))
    }

    private static let comparisons: [String: RuleInstruction.Operation] = [
        "<": .less, "<=": .lessOrEqual, ">": .greater, ">=": .greaterOrEqual, "==": .equal, "!=": .notEqual,
    ]
    private static let mirrored: [RuleInstruction.Operation: RuleInstruction.Operation] = [
        .less: .greater, .lessOrEqual: .greaterOrEqual, .greater: .less, .greaterOrEqual: .lessOrEqual,
    ]
    private static let fused: [RuleInstruction.Operation: RuleInstruction.Operation] = [
        .less: .featureLess, .lessOrEqual: .featureLessOrEqual, .greater: .featureGreater,
        .greaterOrEqual: .featureGreaterOrEqual,
    ]

    // MARK: Sets and lists

    private mutating func membership(_ subject: Operand) throws(ExpressionError) -> Operand {
        if accept(word: "list") {
            try lookUp(subject)
        } else if accept(sign: "[") {
            try among(subject)
        } else {
            throw unexpected("list NAME or [value, …]")
        }
        return Operand(type: .boolean, offset: subject.offset)
    }

    private mutating func lookUp(_ subject: Operand) throws(ExpressionError) {
        let kind: ListKind
        switch subject.type {
        case .key(let own): kind = own
        case .country: kind = .country
        case .currency: kind = .currency
        default:
            throw ExpressionError(
                subject.offset,
                "a list holds users, merchants, devices, countries or currencies, not \(subject.type.shown)")
        }
        guard case .word(let name) = peek.kind else { throw unexpected("the name of a list") }
        guard let declared = scope.lists[name] else {
            let hint =
                RuleNames.nearest(to: name, among: scope.lists.keys.sorted()).map { "; did you mean \($0)?" }
                ?? "; declare it under lists:"
            throw ExpressionError(peek.offset, "there is no list \(peek.shown)\(hint)")
        }
        guard declared == kind else {
            throw ExpressionError(
                peek.offset, "the list \(name) holds \(declared.name) entries, and this is \(subject.type.shown)")
        }
        advance()
        // The fields of a payment stand in the context: what was pushed for a country or currency is not needed.
        if case .key = subject.type {} else { code.dropLast() }
        code.emitListed(name, kind)
    }

    private mutating func among(_ subject: Operand) throws(ExpressionError) {
        if case .key(let kind) = subject.type {
            throw ExpressionError(
                subject.offset, "\(subject.type.shown) is never written into a rule: \(kind.name) in list NAME")
        }
        guard subject.type != .boolean else {
            throw ExpressionError(subject.offset, "true or false is in no set")
        }
        var values: [Double] = []
        repeat {
            guard values.count < Self.maximumSetSize else {
                throw ExpressionError(peek.offset, "a set has at most \(Self.maximumSetSize) values; use a list")
            }
            values.append(try element(of: subject.type))
        } while accept(sign: ",")
        guard accept(sign: "]") else { throw unexpected("\",\" or \"]\"") }
        code.emitAmong(values)
    }

    private mutating func element(of type: RuleType) throws(ExpressionError) -> Double {
        guard type.isNumber else { return try category(type) }
        let isNegative = accept(sign: "-")
        guard case .number(let number) = peek.kind else { throw unexpected("a number") }
        advance()
        let value = isNegative ? -number : number
        if case .feature = type { return Double(Float(value)) }
        return value
    }

    /// A currency, country, channel or weekday that is written out, as its number.
    private mutating func category(_ type: RuleType) throws(ExpressionError) -> Double {
        let name: String
        switch peek.kind {
        case .word(let word): name = word
        case .quoted(let text): name = text
        default: throw unexpected(Self.expectation(type))
        }
        let value: Double?
        switch type {
        case .currency: value = CurrencyTag(name).map { Double($0.rawValue) }
        case .country: value = CountryTag(name).map { Double($0.rawValue) }
        case .channel: value = PaymentChannel(name: name).map { Double($0.rawValue) }
        case .weekday: value = RuleVocabulary.weekdays.firstIndex(of: name).map { Double($0) }
        default: value = nil
        }
        guard let value else {
            let known =
                switch type {
                case .channel: PaymentChannel.allCases.map(\.name)
                case .weekday: RuleVocabulary.weekdays
                default: [String]()
                }
            let hint = RuleNames.nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
            throw ExpressionError(peek.offset, "\(Self.expectation(type)) expected, found \(peek.shown)\(hint)")
        }
        advance()
        return value
    }

    private static func expectation(_ type: RuleType) -> String {
        switch type {
        case .currency: "a currency of three capital letters, such as EUR,"
        case .country: "a country of two capital letters, such as DE,"
        case .channel: "a channel (\(PaymentChannel.allCases.map(\.name).joined(separator: ", ")))"
        default: "a weekday (monday to sunday)"
        }
    }
}

extension RuleCode {
    fileprivate mutating func emitListed(_ name: String, _ kind: ListKind) {
        let reference = ListReference(identifier: RuleNames.fingerprint(name.utf8), kind: kind)
        let known = lists.firstIndex(of: reference)
        if known == nil { lists.append(reference) }
        emit(RuleInstruction(.listed, index: known ?? lists.count - 1))
    }

    fileprivate mutating func emitAmong(_ values: [Double]) {
        emit(RuleInstruction(.among, index: constants.count, target: values.count))
        constants += values
    }
}
