/// Compiled expressions, one after another, and what they refer to.
struct RuleCode: Sendable {
    struct ListReference: Sendable, Equatable {
        let identifier: UInt64
        let kind: ListKind
    }

    /// Amounts in major units by currency; a currency without an entry takes `other`, which may be NaN: unknown.
    struct AmountTable: Sendable, Equatable {
        /// Where its entries begin in `amounts`, sorted by currency.
        let start: Int
        let count: Int
        let other: Double
    }

    struct Amount: Sendable, Equatable {
        let currency: UInt32
        let majorUnits: Double
    }

    var instructions: [RuleInstruction] = []
    var constants: [Double] = []
    var lists: [ListReference] = []
    var tables: [AmountTable] = []
    var amounts: [Amount] = []
    /// Values that any expression needs on the stack at once.
    private(set) var stackDepth = 0

    private var depth = 0
    /// Where a constant stands, by its bits.
    private var places: [UInt64: Int] = [:]

    /// The next instruction's place.
    var end: Int { instructions.count }

    /// Hands the code over, so that it goes on growing in place; what is left is empty.
    mutating func take() -> RuleCode {
        var taken = RuleCode()
        swap(&taken, &self)
        return taken
    }

    mutating func beginExpression() { depth = 0 }

    mutating func emit(_ instruction: RuleInstruction) {
        instructions.append(instruction)
        depth += instruction.growth
        precondition(depth >= 0, "an instruction without its operands")
        stackDepth = max(stackDepth, depth)
    }

    mutating func emitConstant(_ value: Double) {
        emit(RuleInstruction(.constant, index: index(of: value)))
    }

    /// Takes back the last instruction, which must be that constant.
    mutating func takeConstant() -> Double {
        guard let last = instructions.popLast(), last.operation == .constant else {
            preconditionFailure("the last instruction is no constant")
        }
        depth -= 1
        return constants[Int(last.index)]
    }

    /// Takes back the last two instructions, which must be a feature and a constant, in the order that is said.
    mutating func takeFeatureAndConstant(isFeatureFirst: Bool) -> (feature: RuleInstruction, constant: Double) {
        let constant: Double
        let feature: RuleInstruction
        if isFeatureFirst {
            constant = takeConstant()
            feature = takeFeature()
        } else {
            feature = takeFeature()
            constant = takeConstant()
        }
        return (feature, constant)
    }

    private mutating func takeFeature() -> RuleInstruction {
        guard let last = instructions.popLast(), last.operation == .feature || last.operation == .signedFeature else {
            preconditionFailure("the last instruction reads no feature")
        }
        depth -= 1
        return last
    }

    /// Turns the flag that the last instruction reads into true or false.
    mutating func emitFlagTest() {
        let feature = takeFeature()
        emit(RuleInstruction(.featureGreater, small: feature.small, index: index(of: 0)))
    }

    /// Takes back the last instruction, which must push a value.
    mutating func dropLast() {
        guard let last = instructions.popLast(), last.growth == 1 else {
            preconditionFailure("the last instruction pushes nothing")
        }
        depth -= 1
    }

    mutating func index(of constant: Double) -> Int {
        if let known = places[constant.bitPattern] { return known }
        places[constant.bitPattern] = constants.count
        constants.append(constant)
        return constants.count - 1
    }

    /// Makes the jump at `place` go to where the next instruction will stand.
    mutating func land(_ place: Int) { instructions[place].target = UInt32(end) }
}
