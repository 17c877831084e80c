/// A threshold that cannot be used, by its name in the configuration.
public struct InvalidThreshold: Error, Equatable, Sendable, CustomStringConvertible {
    public let field: String
    public let reason: String

    public var description: String { "\(field) \(reason)" }
}

/// When each of the five rules fires and how much it then counts. Decodes from any subset of its fields; what is left
/// out keeps its default, what is misspelt is ignored.
public struct RuleThresholds: Sendable, Equatable, Codable {
    public var amount = AmountThreshold()
    public var mean = MeanThreshold()
    public var velocity = VelocityThreshold()
    public var newMerchant = NewMerchantThreshold()
    public var change = ChangeThreshold()
    /// A score of at least this is for review; 0...1.
    public var reviewScore = 0.5
    /// A score of at least this is blocked; `reviewScore`...1.
    public var blockScore = 0.85

    public init() {}

    /// Throws the first field that is out of its range.
    public func validate() throws(InvalidThreshold) {
        try amount.validate("amount")
        try mean.validate("mean")
        try velocity.validate("velocity")
        try newMerchant.validate("new_merchant")
        try change.validate("change")
        try check(0...1 ~= reviewScore, "review_score", "must be from 0 to 1")
        try check(reviewScore...1 ~= blockScore, "block_score", "must be from review_score to 1")
    }

    enum CodingKeys: String, CodingKey {
        case amount, mean, velocity, change
        case newMerchant = "new_merchant"
        case reviewScore = "review_score"
        case blockScore = "block_score"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try fields.read(.amount, into: &amount)
        try fields.read(.mean, into: &mean)
        try fields.read(.velocity, into: &velocity)
        try fields.read(.newMerchant, into: &newMerchant)
        try fields.read(.change, into: &change)
        try fields.read(.reviewScore, into: &reviewScore)
        try fields.read(.blockScore, into: &blockScore)
    }
}

/// Rule 1: an amount over a limit.
public struct AmountThreshold: Sendable, Equatable, Codable {
    public var limit = MoneyLimit(defaultMajorUnits: 10_000)
    /// 0...1, as everywhere.
    public var points = 0.5

    public init() {}

    func validate(_ name: String) throws(InvalidThreshold) {
        try limit.validate("\(name).limit")
        try checkPoints(points, name)
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try fields.read(.limit, into: &limit)
        try fields.read(.points, into: &points)
    }
}

/// Rule 2: an amount of at least `ratio` times the user's own mean in that currency.
public struct MeanThreshold: Sendable, Equatable, Codable {
    /// More than 1.
    public var ratio = 10.0
    /// Payments in that currency before the rule judges; at least 1.
    public var minimumHistory = 5
    public var points = 0.4

    public init() {}

    func validate(_ name: String) throws(InvalidThreshold) {
        try check(ratio > 1 && ratio <= 1e9, "\(name).ratio", "must be more than 1 and at most 1,000,000,000")
        try check(1...1_000_000 ~= minimumHistory, "\(name).minimum_history", "must be from 1 to 1,000,000")
        try checkPoints(points, name)
    }

    enum CodingKeys: String, CodingKey {
        case ratio, points
        case minimumHistory = "minimum_history"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try fields.read(.ratio, into: &ratio)
        try fields.read(.minimumHistory, into: &minimumHistory)
        try fields.read(.points, into: &points)
    }
}

/// Rule 3: too many payments, or too much money in one currency, in a sliding window of the payments' own times.
/// The window sees the user's latest `UserProfile.maximumRecent` payments and the one that is judged.
public struct VelocityThreshold: Sendable, Equatable, Codable {
    /// 1 second to 30 days.
    public var windowSeconds: Int64 = 600
    /// More payments than this fire; 1...`UserProfile.maximumRecent`.
    public var maximumCount = 10
    public var maximumSum = MoneyLimit(defaultMajorUnits: 20_000)
    public var countPoints = 0.4
    public var sumPoints = 0.4

    public init() {}

    func validate(_ name: String) throws(InvalidThreshold) {
        try check(
            ChangeThreshold.secondsRange ~= windowSeconds, "\(name).window_seconds", "must be from 1 to 2,592,000")
        try check(
            1...UserProfile.maximumRecent ~= maximumCount, "\(name).maximum_count",
            "must be from 1 to \(UserProfile.maximumRecent)")
        try maximumSum.validate("\(name).maximum_sum")
        try check(0...1 ~= countPoints, "\(name).count_points", "must be from 0 to 1")
        try check(0...1 ~= sumPoints, "\(name).sum_points", "must be from 0 to 1")
    }

    enum CodingKeys: String, CodingKey {
        case windowSeconds = "window_seconds"
        case maximumCount = "maximum_count"
        case maximumSum = "maximum_sum"
        case countPoints = "count_points"
        case sumPoints = "sum_points"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try fields.read(.windowSeconds, into: &windowSeconds)
        try fields.read(.maximumCount, into: &maximumCount)
        try fields.read(.maximumSum, into: &maximumSum)
        try fields.read(.countPoints, into: &countPoints)
        try fields.read(.sumPoints, into: &sumPoints)
    }
}

/// Rule 4: the first payment to a merchant (as far as the profile remembers) of at least `ratio` times the user's mean.
public struct NewMerchantThreshold: Sendable, Equatable, Codable {
    /// At least 1.
    public var ratio = 3.0
    /// Payments in that currency before the rule judges; at least 1.
    public var minimumHistory = 5
    public var points = 0.3

    public init() {}

    func validate(_ name: String) throws(InvalidThreshold) {
        try check(1...1e9 ~= ratio, "\(name).ratio", "must be from 1 to 1,000,000,000")
        try check(1...1_000_000 ~= minimumHistory, "\(name).minimum_history", "must be from 1 to 1,000,000")
        try checkPoints(points, name)
    }

    enum CodingKeys: String, CodingKey {
        case ratio, points
        case minimumHistory = "minimum_history"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try fields.read(.ratio, into: &ratio)
        try fields.read(.minimumHistory, into: &minimumHistory)
        try fields.read(.points, into: &points)
    }
}

/// Rule 5: another country or currency than last, within a time too short for it.
public struct ChangeThreshold: Sendable, Equatable, Codable {
    /// 1 second to 30 days.
    public var withinSeconds: Int64 = 7200
    public var countryPoints = 0.4
    public var currencyPoints = 0.3

    static let secondsRange: ClosedRange<Int64> = 1...2_592_000

    public init() {}

    func validate(_ name: String) throws(InvalidThreshold) {
        try check(Self.secondsRange ~= withinSeconds, "\(name).within_seconds", "must be from 1 to 2,592,000")
        try check(0...1 ~= countryPoints, "\(name).country_points", "must be from 0 to 1")
        try check(0...1 ~= currencyPoints, "\(name).currency_points", "must be from 0 to 1")
    }

    enum CodingKeys: String, CodingKey {
        case withinSeconds = "within_seconds"
        case countryPoints = "country_points"
        case currencyPoints = "currency_points"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try fields.read(.withinSeconds, into: &withinSeconds)
        try fields.read(.countryPoints, into: &countryPoints)
        try fields.read(.currencyPoints, into: &currencyPoints)
    }
}

extension KeyedDecodingContainer {
    /// Keeps what `value` is if the field is absent.
    func read<Value: Decodable>(_ key: Key, into value: inout Value) throws {
        if let read = try decodeIfPresent(Value.self, forKey: key) { value = read }
    }
}

func check(_ holds: Bool, _ field: String, _ reason: String) throws(InvalidThreshold) {
    guard holds else { throw InvalidThreshold(field: field, reason: reason) }
}

private func checkPoints(_ points: Double, _ name: String) throws(InvalidThreshold) {
    try check(0...1 ~= points, "\(name).points", "must be from 0 to 1")
}
