/// All that rules may know when they judge a payment. A verdict is a function of this and of nothing else: no clock, no
/// chance, no memory of earlier verdicts. So the same context gives the same verdict live, in shadow and in a backtest.
public struct RuleContext: Sendable {
    public let event: PaymentEvent
    /// What was known before the payment.
    public let features: FeatureVector
    /// 0...1; nil: no model, unknown to the rules.
    public var forestScore: Float?
    /// The transformer's opinion as a probability, 0...1.
    public var transformerScore: Float?
    /// The calibrated probability of fraud, 0...1.
    public var probability: Float?
    public let lists: ValueLists

    public init(
        event: PaymentEvent, features: FeatureVector, forestScore: Float? = nil, transformerScore: Float? = nil,
        probability: Float? = nil, lists: ValueLists
    ) {
        self.event = event
        self.features = features
        self.forestScore = forestScore
        self.transformerScore = transformerScore
        self.probability = probability
        self.lists = lists
    }
}
