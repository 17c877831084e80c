/// Tries deliveries again that were given up, when an operator asks for it: one attempt each, beside what the channel does by
/// itself.
public enum Replay {
    public struct Report: Sendable, Equatable {
        public var delivered = 0
        /// Of the last one that failed, in words.
        public var reason: String?
        /// Not delivered, and still on the list.
        public var left = 0

        public init(delivered: Int = 0, reason: String? = nil, left: Int = 0) {
            self.delivered = delivered
            self.reason = reason
            self.left = left
        }
    }

    /// So many failures in a row end it: the receiver is not there.
    public static let failureLimit = 3

    /// Takes the deliveries in their order; after one that fails those of the same user are left, for they would overtake it.
    /// What is not begun by `end` is left. `settle` takes a delivery off the list, and is called after each that went through; an
    /// error of it ends the replay.
    public static func run(
        _ deliveries: [GivenUpDelivery], through channel: any AlertChannel,
        until end: ContinuousClock.Instant = .now + .seconds(60),
        settle: (GivenUpDelivery) async throws -> Void
    ) async throws -> Report {
        var report = Report()
        var heldUsers: Set<UInt64> = []
        var failuresInRow = 0
        for delivery in deliveries.sorted(by: { $0.alert.position < $1.alert.position }) {
            guard failuresInRow < failureLimit, ContinuousClock.now < end, !heldUsers.contains(delivery.alert.userKey)
            else {
                report.left += 1
                continue
            }
            let outcome = await channel.deliver(delivery.alert, attempt: delivery.attempts + 1)
            try Task.checkCancellation()
            switch outcome {
            case .delivered:
                failuresInRow = 0
                try await settle(delivery)
                report.delivered += 1
            case .failed(let reason, _), .refused(let reason):
                failuresInRow += 1
                heldUsers.insert(delivery.alert.userKey)
                report.reason = reason
                report.left += 1
            }
        }
        return report
    }
}
