/// One step of a compiled rule. Operands come from a stack of Doubles, and the result goes there.
///
/// Truth is 1, falsehood 0. NaN is "unknown", for numbers and for truth alike; it never leaves the program. Categories
/// (currency, country, channel, weekday) are their packed numbers.
struct RuleInstruction: Equatable {
    enum Operation: UInt8 {
        case constant, feature, signedFeature, amount, hour, weekday, currency, country, channel
        case forestScore, transformerScore, probability, table
        case add, subtract, multiply, divide, negate, absolute, minimum, maximum, fallback, known, deviceKnown
        case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
        case not, and, or
        /// Go on at `target` if the top of the stack is 0 (or 1); it stays there.
        case jumpIfFalse, jumpIfTrue
        /// Whether the top of the stack is among `target` constants that begin at `index`.
        case among
        /// Whether the payment's user, merchant, device, country or currency is on list `index` of the program.
        case listed
        // What most conditions are made of, a feature compared with a constant, in one step: feature `small`, constant
        // `index`.
        case featureLess, featureLessOrEqual, featureGreater, featureGreaterOrEqual
    }

    let operation: Operation
    var small: UInt8 = 0
    var index: UInt32 = 0
    var target: UInt32 = 0

    init(_ operation: Operation, small: UInt8 = 0, index: Int = 0, target: Int = 0) {
        self.operation = operation
        self.small = small
        self.index = UInt32(index)
        self.target = UInt32(target)
    }

    /// How many values it adds to the stack.
    var growth: Int {
        switch operation {
        case .constant, .feature, .signedFeature, .amount, .hour, .weekday, .currency, .country, .channel, .forestScore,
            .transformerScore, .probability, .table, .listed, .deviceKnown, .featureLess, .featureLessOrEqual,
            .featureGreater,
            .featureGreaterOrEqual:
            1
        case .add, .subtract, .multiply, .divide, .minimum, .maximum, .fallback, .less, .lessOrEqual, .greater,
            .greaterOrEqual, .equal, .notEqual, .and, .or:
            -1
        case .negate, .absolute, .known, .not, .jumpIfFalse, .jumpIfTrue, .among: 0
        }
    }
}

/// The type of an expression.
enum RuleType: Equatable {
    case number
    /// A number of major units of the payment's own currency.
    case money
    /// A feature by itself: a number in single precision that knows how to write itself.
    case feature(Feature)
    /// A score of a model, 0...1: a number that is written as a percentage.
    case score
    case boolean
    case currency, country, channel, weekday
    /// Only lists know anything of it.
    case key(ListKind)

    var isNumber: Bool {
        switch self {
        case .number, .money, .feature, .score: true
        default: false
        }
    }

    /// As an error message calls it.
    var shown: String {
        switch self {
        case .number, .feature, .score: "a number"
        case .money: "an amount"
        case .boolean: "true or false"
        case .currency: "a currency"
        case .country: "a country"
        case .channel: "a channel"
        case .weekday: "a weekday"
        case .key(let kind): "a \(kind.name)"
        }
    }
}
