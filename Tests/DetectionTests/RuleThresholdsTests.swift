import Detection
import Foundation
import Testing

@Suite struct RuleThresholdsTests {
    @Test func whatIsLeftOutKeepsItsDefault() throws {
        #expect(try decode("{}") == RuleThresholds())
        let thresholds = try decode(
            #"""
            {"review_score": 0.4, "mean": {"ratio": 20}, "velocity": {"window_seconds": 60, "maximum_sum": {"default": 50}},
             "amount": {"limit": {"default": 500, "by_currency": {"JPY": 70000}}}, "new_merchant": {"minimum_history": 9},
             "change": {"within_seconds": 30}}
            """#)
        var expected = RuleThresholds()
        expected.reviewScore = 0.4
        expected.mean.ratio = 20
        expected.velocity.windowSeconds = 60
        expected.velocity.maximumSum = MoneyLimit(defaultMajorUnits: 50)
        expected.amount.limit = MoneyLimit(defaultMajorUnits: 500, byCurrency: ["JPY": 70000])
        expected.newMerchant.minimumHistory = 9
        expected.change.withinSeconds = 30
        #expect(thresholds == expected)
        try thresholds.validate()
    }

    @Test func whatIsEncodedDecodesToTheSame() throws {
        var thresholds = RuleThresholds()
        thresholds.change.countryPoints = 0.125
        let json = try JSONEncoder().encode(thresholds)
        #expect(try JSONDecoder().decode(RuleThresholds.self, from: json) == thresholds)
    }

    @Test(arguments: [
        (#"{"review_score": 1.5}"#, "review_score"), (#"{"block_score": 0.4}"#, "block_score"),
        (#"{"mean": {"ratio": 1}}"#, "mean.ratio"), (#"{"mean": {"minimum_history": 0}}"#, "mean.minimum_history"),
        (#"{"mean": {"points": -1}}"#, "mean.points"),
        (#"{"amount": {"limit": {"default": 0}}}"#, "amount.limit.default"),
        (#"{"amount": {"limit": {"default": 9223372036854775807}}}"#, "amount.limit.default"),
        (#"{"amount": {"limit": {"default": 1, "by_currency": {"eur": 5}}}}"#, "amount.limit.by_currency"),
        (#"{"amount": {"limit": {"default": 1, "by_currency": {"EUR": -5}}}}"#, "amount.limit.by_currency.EUR"),
        (#"{"amount": {"points": 2}}"#, "amount.points"),
        (#"{"velocity": {"window_seconds": 0}}"#, "velocity.window_seconds"),
        (#"{"velocity": {"maximum_count": 33}}"#, "velocity.maximum_count"),
        (#"{"velocity": {"maximum_sum": {"default": -1}}}"#, "velocity.maximum_sum.default"),
        (#"{"velocity": {"count_points": 2}}"#, "velocity.count_points"),
        (#"{"velocity": {"sum_points": 2}}"#, "velocity.sum_points"),
        (#"{"new_merchant": {"ratio": 0.5}}"#, "new_merchant.ratio"),
        (#"{"new_merchant": {"minimum_history": 0}}"#, "new_merchant.minimum_history"),
        (#"{"change": {"within_seconds": 2592001}}"#, "change.within_seconds"),
        (#"{"change": {"country_points": 2}}"#, "change.country_points"),
        (#"{"change": {"currency_points": -0.1}}"#, "change.currency_points"),
    ])
    func aThresholdOutsideItsRangeIsNamed(json: String, field: String) throws {
        let thresholds = try decode(json)
        let error = #expect(throws: InvalidThreshold.self) { try RuleSet(thresholds) }
        #expect(error?.field == field)
    }

    private func decode(_ json: String) throws -> RuleThresholds {
        try JSONDecoder().decode(RuleThresholds.self, from: Data(json.utf8))
    }
}
