/// What a world is made of; drawn from its seed. Sizes are in bytes.
package struct WorldShape: Equatable, Sendable {
    /// Founders: numbers 1...voters.
    package var voters: Int
    /// More numbers, which may join.
    package var spares: Int
    package var tick: Microseconds
    package var electionTicks: Int
    package var heartbeatTicks: Int
    package var commitPatienceTicks: Int
    package var peerLostStaggerTicks: Int
    package var maxInflightMessages: Int
    package var maxInflightBytes: Int
    package var maxAppendBytes: Int
    package var maxUncommittedBytes: Int
    package var maxPendingReads: Int

    package var networkDelay: Microseconds
    package var networkJitter: Microseconds
    package var keepsOrder: Bool
    package var lossPerMille: Int
    package var duplicationPerMille: Int
    /// Messages under way from one node to another; what comes beyond is lost.
    package var linkCapacity: Int
    package var deliversToNextRun: Bool

    package var syncTime: Microseconds
    package var segmentBytes: Int
    package var cacheBytes: Int

    package var applyDelay: Microseconds
    /// How often the state machine makes itself durable.
    package var savePeriod: Microseconds
    /// The log is compacted when it has this many entries more than needed.
    package var compactionEntries: Int
    /// Compaction waits for the slowest member; else that one will need a snapshot.
    package var sparesLaggards: Bool
    package var snapshotChunkBytes: Int
    package var maxInflightSnapshotBytes: Int
    package var promotionLagEntries: Int
    package var snapshotLingerTicks: Int
    /// A snapshot may hold a state that is ahead of its index.
    package var snapshotsRunAhead: Bool

    package var clients: Int
    package var keys: Int
    package var batchDelay: Microseconds

    var electionTimeout: Microseconds { tick * electionTicks }
    var size: Int { voters + spares }
}

package struct PlannedFault: Equatable, Sendable {
    package var time: Microseconds
    package var fault: Fault
}

package struct PlannedOperation: Equatable, Sendable {
    package enum Kind: Equatable, Sendable { case put, compareAndSet, read }

    package var time: Microseconds
    package var client: Int
    package var key: UInt8
    package var kind: Kind
    package var padding: Int
}

/// How the survivors of the hostile time stand when it ends.
package struct PlannedPeace: Equatable, Sendable {
    /// Among the voters that can be had: how many more than a majority are healed, as a share of 100.
    package var extraPercent: Int
    /// Chooses which ones, and what becomes of the rest.
    package var choice: UInt64
}

/// All that will happen to a world, but for what chance decides on the way (each concern with a stream of its own).
package struct Plan: Equatable, Sendable {
    package var seed: UInt64
    package var shape: WorldShape
    package var faults: [PlannedFault]
    package var operations: [PlannedOperation]
    /// How long the hostile time lasts.
    package var hostileTime: Microseconds
    package var peace: PlannedPeace
    /// A bug that the nodes' driver is given, to see that it is found.
    package var defect = DriverDefect.none
}

/// Bugs that a driver might have.
package enum DriverDefect: String, CaseIterable, Sendable {
    case none
    /// Tells the core that a write is durable when it has only begun.
    case trustsUnsyncedWrites
    /// Sends messages without waiting for the writes they depend on.
    case sendsEarly
    /// Answers clients when their write is proposed.
    case answersUncommitted
    /// Answers reads from what is applied here, without asking for a read index.
    case readsLocally
    /// Does not wait until the read index is applied.
    case readsTooEarly
    /// Applies a repeated request again.
    case forgetsRequests
    /// Does not write the vote.
    case losesVotes
    /// Reports writes that nobody asked for: the core must not bear it, and traps.
    case reportsUnaskedWrites
    /// Starts again with a state machine that is older than it says.
    case skipsEntries
}
