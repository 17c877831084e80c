/// A story that a seed tells in detail: which faults, when, for how long.
package struct Scenario: Sendable {
    /// A fault at its time.
    package struct Step: Sendable {
        /// Milliseconds after the clients have begun.
        package var atMilliseconds: Int
        package var forMilliseconds: Int
        package var fault: any Fault
        /// It comes on top of another; else it waits until all nodes are ready again.
        package var overlaps: Bool

        package init(at: Int, for duration: Int, _ fault: any Fault, overlaps: Bool = false) {
            atMilliseconds = at
            forMilliseconds = duration
            self.fault = fault
            self.overlaps = overlaps
        }
    }

    package var name: String
    /// What it is a test of, for `list`.
    package var summary: String
    /// One of those that continuous integration runs.
    package var isQuick = false
    /// Each data directory on a small file system of its own.
    package var dataMegabytes: Int?
    /// Nodes reach each other through relays.
    package var hasRelays = false
    /// Payments come through Kafka too.
    package var usesKafka = false
    /// Somebody is told of the alerts.
    package var receivesAlerts = false
    /// Puts the next faults behind those that are there.
    package var round: @Sendable (inout StepSequence, inout SeededRandom) -> Void
    /// How long it takes if nobody says otherwise.
    package var milliseconds = 25_000

    /// The steps for a seed: rounds, until faults have gone on for so many milliseconds.
    package func steps(_ random: inout SeededRandom, _ milliseconds: Int) -> [Step] {
        var sequence = StepSequence(using: &random)
        while sequence.at < milliseconds { round(&sequence, &random) }
        return sequence.steps
    }

    /// What the world must offer.
    func needs(_ steps: [Step]) -> Set<Capability> {
        var needs = Set(steps.flatMap(\.fault.needs))
        if dataMegabytes != nil { needs.insert(.mounts) }
        return needs
    }
}
