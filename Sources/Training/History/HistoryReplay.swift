public import Detection

/// Carries history through the profiles, as a node does with its log, and shows each payment as it was seen then.
public struct HistoryReplay: Sendable {
    /// A payment before it is folded.
    public struct Visit {
        public let number: Int
        public let event: PaymentEvent
        public let observation: Observation
        /// The user's payments before this one.
        public let history: TokenSequence
    }

    public private(set) var profiles: Profiles

    /// Remembers so many users and merchants; see `Profiles`.
    public init(users: Int, merchants: Int) {
        profiles = Profiles(users: max(2, users), merchants: max(2, merchants))
    }

    /// Reads the source to its end. `progress` is called now and then, between items.
    public mutating func run(
        _ source: inout some HistorySource, progress: (Double?) -> Void = { _ in }, payment: (Visit) -> Void,
        label: (LabelEvent, _ number: Int) -> Void = { _, _ in }
    ) throws(TrainingError) {
        var items = 0
        while let item = try source.next() {
            switch item {
            case .payment(let event, let number):
                let observation = profiles.observe(event)
                let history = profiles[user: event.userKey]?.sequence ?? TokenSequence()
                payment(Visit(number: number, event: event, observation: observation, history: history))
                profiles.fold(event, observation.token)
            case .label(let event, let number):
                label(event, number)
                profiles.fold(event)
            }
            items += 1
            if items.isMultiple(of: 1 << 14) { progress(source.fraction) }
        }
    }
}
