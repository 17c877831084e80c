package import Logging
import ServiceLifecycle
import Synchronization

/// What a node that is asked to stop does first: somebody else is to lead. Clients then never wait for an election on
/// account of a node that is stopped in good order.
package final class Departure: Service {
    private let leads: @Sendable () -> Bool
    private let stepAside: @Sendable () async -> Void
    private let limit: Duration
    private let logger: Logger
    private let begun = Atomic<Bool>(false)

    /// - Parameters:
    ///   - stepAside: returns at once; the node hands over what it has, and takes the lead no more.
    ///   - limit: the node stops after that, whether anybody has taken over or not.
    package init(
        limit: Duration, logger: Logger, leads: @escaping @Sendable () -> Bool,
        stepAside: @escaping @Sendable () async -> Void
    ) {
        self.leads = leads
        self.stepAside = stepAside
        self.limit = limit
        self.logger = logger
    }

    /// The node is about to stop.
    package var isUnderWay: Bool { begun.load(ordering: .relaxed) }

    package func run() async throws {
        guard (try? await gracefulShutdown()) != nil else { return }
        await perform()
    }

    /// Returns when another node leads, or after the limit.
    package func perform() async {
        begun.store(true, ordering: .relaxed)
        let didLead = leads()
        await stepAside()
        guard didLead else { return }
        let deadline = ContinuousClock.now + limit
        while leads() {
            guard ContinuousClock.now < deadline else {
                return logger.warning("nobody took over the leadership in time; this node stops all the same")
            }
            try? await Task.sleep(for: .milliseconds(2))
        }
        logger.info("another node leads; this one stops")
    }
}
