/// What a world is made of.
package struct WorldSettings: Sendable {
    /// How the nodes are kept apart.
    package enum Kind: String, Sendable, CaseIterable {
        /// Each node in a network namespace of its own. Needs root.
        case namespaces
        /// All on this machine's own addresses: no faults of the network.
        case loopback
    }

    package var kind: Kind
    /// Where everything lies that the harness makes; absolute.
    package var home: String
    /// Tells worlds apart that run side by side: 0 to 99.
    package var number: Int
    /// The node's program.
    package var binary: String
    /// Where `chaos/` and `cluster/` are.
    package var repository: String
    /// Each data directory lies on a file system of its own of this size; nil: on the disk.
    package var dataMegabytes: Int?
    /// Every node reaches each of the others through a relay of its own.
    package var hasRelays = false
    /// Mock brokers run where the clients are, and the nodes read a topic of theirs.
    package var usesKafka = false
    /// A receiver of alerts runs where the clients are, and the nodes may deliver to it.
    package var receivesAlerts = false
    /// Libraries that go before the C library in each node's process.
    package var shims: Set<Shim> = []

    package init(
        kind: Kind, home: String, number: Int, binary: String, repository: String
    ) {
        self.kind = kind
        self.home = home
        self.number = number
        self.binary = binary
        self.repository = repository
    }
}

/// What stands between a node and the C library.
package enum Shim: String, Sendable, CaseIterable {
    /// Holds up the disk, and keeps what is needed to take back what was not synced.
    case disk
    /// Moves the clock of the day.
    case clock
    /// Has mock brokers listen where nodes reach them; not for nodes.
    case address
}
