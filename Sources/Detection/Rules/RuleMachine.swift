/// Runs compiled expressions over one context. Allocates nothing: the stack lies with the caller.
struct RuleMachine {
    let instructions: UnsafeBufferPointer<RuleInstruction>
    let constants: UnsafeBufferPointer<Double>
    let features: UnsafeBufferPointer<Float>
    /// Room for `RuleCode.stackDepth` values.
    let stack: UnsafeMutablePointer<Double>

    /// The value of the expression that lies in `range`; NaN: unknown.
    @inline(__always)
    func value(
        from start: Int, to end: Int, _ code: borrowing RuleCode, _ context: borrowing RuleContext
    ) -> Double {
        var top = stack - 1
        var place = start
        while place < end {
            let step = instructions[place]
            place += 1
            switch step.operation {
            case .constant:
                top += 1
                top.pointee = constants[Int(step.index)]
            case .feature:
                top += 1
                top.pointee = feature(step.small)
            case .signedFeature:
                top += 1
                top.pointee = Double(features[Int(step.small)])
            case .amount, .hour, .weekday, .currency, .country, .channel, .forestScore, .transformerScore,
                .probability, .deviceKnown:
                top += 1
                top.pointee = Self.field(step.operation, context)
            case .table:
                top += 1
                top.pointee = code.amount(inTable: Int(step.index), for: context.event.currency)
            case .listed:
                top += 1
                top.pointee = Self.listed(code.lists[Int(step.index)], context)
            case .featureLess:
                top += 1
                top.pointee = Self.truth(feature(step.small), constants[Int(step.index)], <)
            case .featureLessOrEqual:
                top += 1
                top.pointee = Self.truth(feature(step.small), constants[Int(step.index)], <=)
            case .featureGreater:
                top += 1
                top.pointee = Self.truth(feature(step.small), constants[Int(step.index)], >)
            case .featureGreaterOrEqual:
                top += 1
                top.pointee = Self.truth(feature(step.small), constants[Int(step.index)], >=)
            case .jumpIfFalse: if top.pointee == 0 { place = Int(step.target) }
            case .jumpIfTrue: if top.pointee == 1 { place = Int(step.target) }
            case .among:
                top.pointee = among(top.pointee, Int(step.index), Int(step.target))
            case .negate: top.pointee = -top.pointee
            case .absolute: top.pointee = abs(top.pointee)
            case .not: top.pointee = 1 - top.pointee
            case .known: top.pointee = top.pointee.isNaN ? 0 : 1
            default:
                let right = top.pointee
                top -= 1
                top.pointee = Self.combined(step.operation, top.pointee, right)
            }
        }
        return stack.pointee
    }

    /// A feature's value; -1 stands for an unknown one.
    @inline(__always)
    private func feature(_ index: UInt8) -> Double {
        let value = features[Int(index)]
        return value == FeatureVector.unknown ? .nan : Double(value)
    }

    @inline(__always)
    private static func truth(_ left: Double, _ right: Double, _ holds: (Double, Double) -> Bool) -> Double {
        left.isNaN || right.isNaN ? .nan : holds(left, right) ? 1 : 0
    }

    @inline(__always)
    private static func combined(_ operation: RuleInstruction.Operation, _ left: Double, _ right: Double) -> Double {
        switch operation {
        case .add: finite(left + right)
        case .subtract: finite(left - right)
        case .multiply: finite(left * right)
        case .divide: finite(left / right)
        case .minimum: left.isNaN || right.isNaN ? .nan : min(left, right)
        case .maximum: left.isNaN || right.isNaN ? .nan : max(left, right)
        case .fallback: left.isNaN ? right : left
        case .less: truth(left, right, <)
        case .lessOrEqual: truth(left, right, <=)
        case .greater: truth(left, right, >)
        case .greaterOrEqual: truth(left, right, >=)
        case .equal: truth(left, right, ==)
        case .notEqual: truth(left, right, !=)
        // What is false whatever the unknown side may be is false; and likewise true.
        case .and: left == 0 || right == 0 ? 0 : left.isNaN || right.isNaN ? .nan : 1
        case .or: left == 1 || right == 1 ? 1 : left.isNaN || right.isNaN ? .nan : 0
        default: preconditionFailure("an operation that takes one value or none")
        }
    }

    /// A division by zero, or a number too large to be one, is unknown.
    @inline(__always)
    private static func finite(_ value: Double) -> Double { value.isFinite ? value : .nan }

    @inline(__always)
    private func among(_ value: Double, _ start: Int, _ count: Int) -> Double {
        if value.isNaN { return .nan }
        for position in start..<(start + count) where constants[position] == value { return 1 }
        return 0
    }

    private static func field(
        _ operation: RuleInstruction.Operation, _ context: borrowing RuleContext
    ) -> Double {
        switch operation {
        case .amount:
            Double(context.event.amountMinor)
                / Double(MinorUnits.powersOfTen[Int(context.event.minorUnitExponent)])
        case .hour: Double(context.event.occurredAtMicroseconds / 3_600_000_000 % 24)
        // 1970 began on a Thursday; 0 is Monday.
        case .weekday: Double((context.event.occurredAtMicroseconds / 86_400_000_000 + 3) % 7)
        case .currency: Double(context.event.currency.rawValue)
        case .country: context.event.country == .unknown ? .nan : Double(context.event.country.rawValue)
        case .channel: context.event.channel == 0 ? .nan : Double(context.event.channel)
        case .forestScore: score(context.forestScore)
        case .transformerScore: score(context.transformerScore)
        case .probability: score(context.probability)
        case .deviceKnown: context.event.deviceKey == 0 ? 0 : 1
        default: preconditionFailure("an operation that reads no field")
        }
    }

    private static func score(_ score: Float?) -> Double { finite(Double(score ?? .nan)) }

    private static func listed(_ list: RuleCode.ListReference, _ context: borrowing RuleContext) -> Double {
        let key: UInt64
        switch list.kind {
        case .user: key = context.event.userKey
        case .merchant: key = context.event.merchantKey
        case .device:
            // A payment without a device says nothing of devices.
            if context.event.deviceKey == 0 { return .nan }
            key = context.event.deviceKey
        case .country:
            if context.event.country == .unknown { return .nan }
            key = UInt64(context.event.country.rawValue)
        case .currency: key = UInt64(context.event.currency.rawValue)
        }
        return context.lists.contains(key, in: list.identifier, list.kind) ? 1 : 0
    }
}

extension RuleCode {
    /// Major units; NaN: the table has nothing for that currency.
    fileprivate func amount(inTable table: Int, for currency: CurrencyTag) -> Double {
        let table = tables[table]
        var low = table.start
        var high = table.start + table.count
        while low < high {
            let middle = (low + high) / 2
            if amounts[middle].currency < currency.rawValue { low = middle + 1 } else { high = middle }
        }
        guard low < table.start + table.count, amounts[low].currency == currency.rawValue else { return table.other }
        return amounts[low].majorUnits
    }
}
