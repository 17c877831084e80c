public import Detection

/// Which rules a backtest puts into the place of those that were in force.
public enum BacktestRules: Sendable, Equatable {
    /// YAML.
    case text(String)
    /// A version that the cluster keeps.
    case version(UInt64)
    /// None: each payment is judged by the rules that judged it. The decisions come out as they are stored, or something
    /// is wrong.
    case asTheyWere
}

public struct BacktestRequest: Sendable, Equatable {
    public var rules: BacktestRules
    /// By the time of acceptance, from (inclusive) to (exclusive); nil: from the beginning, to the end.
    public var fromMicroseconds: Int64?
    public var toMicroseconds: Int64?

    public init(rules: BacktestRules, fromMicroseconds: Int64? = nil, toMicroseconds: Int64? = nil) {
        self.rules = rules
        self.fromMicroseconds = fromMicroseconds
        self.toMicroseconds = toMicroseconds
    }
}

public enum BacktestState: Sendable, Equatable {
    case running
    case finished
    case cancelled
    case failed(reason: String)
}

/// How far a backtest has come, and what came of it. A node's own: only the node that runs it knows of it.
public struct BacktestStatus: Sendable {
    public let id: String
    public let request: BacktestRequest
    public let author: String
    public internal(set) var state: BacktestState
    public let startedAtMicroseconds: Int64
    /// Payments read, those before the time that is asked for included: the profiles live through them.
    public internal(set) var processed: UInt64
    public internal(set) var total: UInt64
    /// The last entry of the log that is looked at.
    public internal(set) var throughIndex: UInt64
    /// Nil until it is finished.
    public internal(set) var report: BacktestReport?

    public init(
        id: String, request: BacktestRequest, author: String, state: BacktestState, startedAtMicroseconds: Int64,
        processed: UInt64, total: UInt64, throughIndex: UInt64, report: BacktestReport?
    ) {
        self.id = id
        self.request = request
        self.author = author
        self.state = state
        self.startedAtMicroseconds = startedAtMicroseconds
        self.processed = processed
        self.total = total
        self.throughIndex = throughIndex
        self.report = report
    }
}
