import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// An HTTP client that reaches one address, whatever names lead to by then.
final class PinnedClient: Sendable {
    private struct State {
        var uses = 0
        var isRetired = false
        var lastUse = ContinuousClock.now
    }

    let client: HTTPClient
    private let state = Mutex(State())

    init(host: String, address: NetworkAddress, options: WebhookOptions) {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.additionalTrustRoots = options.additionalTrustRoots
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.dnsOverride = [host: address.description]
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        configuration.timeout = .init(connect: .init(options.connectTimeout))
        configuration.connectionPool.idleTimeout = .seconds(60)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.connectionsPerTarget
        // One try is one try: whether there is another is not the library's to decide.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.http1_1ConnectionDebugInitializer = { channel in
            // Nothing else should be possible; if it is, nothing is sent.
            guard let reached = channel.remoteAddress?.ipAddress, NetworkAddress(reached) == address else {
                return channel.eventLoop.makeFailedFuture(WrongAddress())
            }
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        client = HTTPClient(eventLoopGroup: NIOSingletons.posixEventLoopGroup, configuration: configuration)
    }

    var lastUse: ContinuousClock.Instant { state.withLock { $0.lastUse } }

    /// False: it is retired, and another must be made.
    func begin() -> Bool {
        state.withLock { state in
            guard !state.isRetired else { return false }
            state.uses += 1
            return true
        }
    }

    func end() async {
        let isLast = state.withLock { state in
            state.uses -= 1
            state.lastUse = .now
            return state.isRetired && state.uses == 0
        }
        if isLast { try? await client.shutdown() }
    }

    /// Takes no more requests, and closes its connections when the last one has ended.
    func retire() async {
        let isIdle = state.withLock { state in
            guard !state.isRetired else { return false }
            state.isRetired = true
            return state.uses == 0
        }
        if isIdle { try? await client.shutdown() }
    }
}

/// A connection went elsewhere than it was told to.
struct WrongAddress: Error {}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
