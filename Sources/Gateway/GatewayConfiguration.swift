import NIOCore

/// How a gateway listens, and every bound it keeps.
public struct GatewayConfiguration: Sendable {
    public var host: String
    /// Zero: any free one.
    public var port: Int
    /// PEM, the gateway's certificate first.
    public var certificateChainPath: String
    /// PEM.
    public var privateKeyPath: String

    /// Threads for connections. Each also runs the requests of its connections: half of the cores leave the rest to
    /// consensus and PostgreSQL.
    public var eventLoops = max(1, System.coreCount / 2)
    /// Connections beyond it wait in the kernel's queue.
    public var maxConnections = 1024
    /// Requests in work at once, health checks aside; beyond it 429.
    public var maxRequestsInFlight = 2048
    /// Batches in work at once, since each holds up to `maxBatchBytes`; beyond it 429.
    public var maxBatchesInFlight = 32
    public var maxDocumentBytes = 65_536
    public var maxBatchBytes = 8 * 1024 * 1024
    public var maxBatchLines = 10_000
    /// Of one header, and of all together.
    public var maxHeaderBytes = 16_384
    public var maxHeaders = 64
    /// Path and query.
    public var maxTargetBytes = 4096
    /// A connection without a request, or with one that does not go on, is closed after this.
    public var idleTimeoutMilliseconds: Int64 = 60_000
    /// From the head of a request to its last byte, however steadily bytes drip in.
    public var requestReadTimeoutMilliseconds: Int64 = 30_000
    /// How long the client of a stream may take for what it was sent last; then it is let go of.
    public var streamWriteTimeoutMilliseconds: Int64 = 30_000
    /// How long a write is carried, elections included, unless the client asks otherwise by `Prefer: wait=N`.
    public var deadlineMilliseconds = 5_000
    /// The most that `Prefer: wait=N` can ask for.
    public var maxDeadlineMilliseconds = 30_000

    public init(host: String, port: Int, certificateChainPath: String, privateKeyPath: String) {
        self.host = host
        self.port = port
        self.certificateChainPath = certificateChainPath
        self.privateKeyPath = privateKeyPath
    }
}

/// Why a gateway cannot start.
public enum GatewayError: Error, Sendable, CustomStringConvertible {
    /// The text names the file and what is wrong with it.
    case certificate(String)

    public var description: String {
        switch self {
        case .certificate(let reason): "gateway certificate: \(reason)"
        }
    }
}
