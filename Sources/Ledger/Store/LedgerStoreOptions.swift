public import Raft
package import Threads

/// Whose content a database holds: one node of one cluster.
///
/// Of the node its number alone: a database outlives the lives of its node, and a snapshot makes it fit again.
public struct LedgerStoreIdentity: Equatable, Sendable {
    public let clusterID: String
    /// Of life zero, whatever life was given.
    public let nodeID: NodeID

    public init(clusterID: String, nodeID: NodeID) {
        self.clusterID = clusterID
        self.nodeID = NodeID(number: nodeID.number)
    }
}

/// How the store works with its database.
public struct LedgerStoreOptions: Sendable {
    /// Any libpq connection string or URI.
    public var connectionString: String
    /// Connections for queries and look-ups.
    public var readConnections = 3
    /// Queries and look-ups that may wait for a connection.
    public var readQueueLimit = 1_024
    /// The server cancels a query or look-up that takes longer.
    public var readTimeoutMilliseconds = 10_000
    /// One database transaction takes no further entry once it has so many rows…
    public var transactionRowLimit = 20_000
    /// …or so many payload bytes.
    public var transactionByteLimit = 16 << 20
    /// How long the applier lets entries gather before it begins a transaction, unless somebody waits for one of them.
    public var gatherMilliseconds = 50
    /// Between attempts to reach the database; doubled up to the maximum, with jitter.
    public var reconnectMinMilliseconds = 50
    public var reconnectMaxMilliseconds = 2_000
    /// A server that takes longer over one answer to the applier is given up, and connected to again.
    public var applyTimeoutMilliseconds = 60_000
    /// Between looks at what the server has flushed, while that is behind.
    public var flushPollMilliseconds = 250
    /// Installed before anything is applied and before the store is ready: an installation that an end of the process
    /// may have interrupted, begun anew. A file that can't be installed is fatal.
    public var firstSnapshotPath: String?
    /// One export of a snapshot may take so long in all; it holds back the database's clean-up meanwhile.
    public var exportTimeoutMilliseconds = 4 * 3_600_000
    /// The server may take so long to commit an installed snapshot: it may have whole tables to make durable.
    public var installCommitTimeoutMilliseconds = 1_800_000
    /// Callers that may wait at the same time for an index to be applied, or for a digest.
    public var waiterLimit = 10_000

    /// Of the snapshots that are written and installed.
    package var pace = Pace.unlimited

    public init(connectionString: String) { self.connectionString = connectionString }
}

/// One entry of the log as the store is given it.
public struct LedgerEntry: Sendable, Equatable {
    public let index: LogIndex
    public let term: Term
    /// The database takes commands; other kinds only move its applied index.
    public let kind: EntryKind
    public let payload: [UInt8]

    public init(index: LogIndex, term: Term, kind: EntryKind, payload: [UInt8]) {
        self.index = index
        self.term = term
        self.kind = kind
        self.payload = payload
    }
}

/// Gives committed entries from `from` through `through`, in order and without gaps: at least one, and not many more
/// bytes than `maxBytes`. Called on the apply thread; what it throws is fatal to the store.
public typealias LedgerSource =
    @Sendable (_ from: LogIndex, _ through: LogIndex, _ maxBytes: Int) throws -> [LedgerEntry]

/// What the store tells its owner; all are called on the apply thread and must not block it.
public struct LedgerStoreEvents: Sendable {
    public var onState: @Sendable (LedgerStoreState) -> Void
    public var onApplied: @Sendable (LogIndex) -> Void
    /// The log may be compacted through here as far as the database is concerned.
    public var onFlushed: @Sendable (LogIndex) -> Void
    /// Final: nothing is applied any more.
    public var onFatal: @Sendable (LedgerStoreError) -> Void

    public init(
        onState: @escaping @Sendable (LedgerStoreState) -> Void = { _ in },
        onApplied: @escaping @Sendable (LogIndex) -> Void = { _ in },
        onFlushed: @escaping @Sendable (LogIndex) -> Void = { _ in },
        onFatal: @escaping @Sendable (LedgerStoreError) -> Void = { _ in }
    ) {
        self.onState = onState
        self.onApplied = onApplied
        self.onFlushed = onFlushed
        self.onFatal = onFatal
    }
}
