public import Detection
import Raft
public import Security

/// Lives through the history again: the profiles and the registry as they were at each payment, by the code that made
/// them the first time. So whoever judges by them judges as it was judged then.
public struct HistoryReplay {
    public private(set) var profiles: Profiles
    public private(set) var registry = DetectionRegistry()
    private var opener: HistoryOpener

    /// - Parameter configuration: the cluster's: what is forgotten when depends on it.
    public init(configuration: LedgerConfiguration, sealer: Sealer) {
        profiles = Profiles(users: configuration.users, merchants: configuration.merchants)
        opener = HistoryOpener(sealer: sealer)
    }

    /// One payment as it was met.
    public struct Moment {
        public let transaction: HistoryTransaction
        public let event: PaymentEvent
        public let observation: Observation
        /// The user's tokens before it.
        public let history: TokenSequence
    }

    /// Takes the next thing in. A payment is shown to `body` before it is folded: the profiles and the registry are then
    /// as they were when it was judged.
    public mutating func take(
        _ item: HistoryItem, _ body: (Moment, borrowing HistoryReplay) throws -> Void
    ) throws {
        switch item {
        case .transaction(let transaction):
            let event = try opener.event(of: transaction)
            let observation = profiles.observe(event)
            let history = profiles[user: event.userKey]?.sequence ?? TokenSequence()
            try body(
                Moment(transaction: transaction, event: event, observation: observation, history: history), self)
            profiles.fold(event, observation.token)
        case .label(let label):
            profiles.fold(try opener.event(of: label))
        case .change(let change):
            let outcome = registry.apply(
                change.change, author: change.author, timeMicroseconds: change.changedAtMicroseconds)
            guard case .changed = outcome else { throw LedgerError.impossibleChange(index: change.logIndex) }
        }
    }
}
