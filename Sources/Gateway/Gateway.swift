import HummingbirdCore
import HummingbirdTLS
public import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Pipeline
public import Security
public import ServiceLifecycle
import Synchronization

/// The way in for clients: HTTP/1.1 over TLS 1.2 or 1.3.
public final class Gateway<Backend: GatewayBackend>: Service {
    private let configuration: GatewayConfiguration
    private let responder: Responder<Backend>
    private let tls: TLSConfiguration
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) -> Void

    /// Reads the certificate, and listens only once `run` is called.
    ///
    /// - Parameter onListening: called once, with the port that connections are taken at.
    public init(
        configuration: GatewayConfiguration, backend: Backend, verifier: TokenVerifier, registry: PrometheusRegistry,
        logger: Logger, onListening: @escaping @Sendable (_ port: Int) -> Void = { _ in }
    ) throws(GatewayError) {
        self.configuration = configuration
        self.logger = logger
        self.onListening = onListening
        tls = try Self.loadTLS(configuration)
        responder = Responder(
            configuration: configuration, backend: backend, verifier: verifier, registry: registry, logger: logger)
        let requests = registry.gauge("redoubt_http_requests_in_flight")
        let batches = registry.gauge("redoubt_http_batches_in_flight")
        let tokens = registry.gauge("redoubt_verified_tokens_cached")
        registry.describe("redoubt_http_requests_in_flight", "Requests in work.")
        registry.describe("redoubt_http_batches_in_flight", "Batches in work.")
        registry.describe("redoubt_verified_tokens_cached", "Verified tokens that are remembered.")
        registry.onCollect { [weak responder] in
            guard let responder else { return }
            requests.set(Int64(responder.requestsInWork))
            batches.set(Int64(responder.batchesInFlight.load(ordering: .relaxed)))
            tokens.set(Int64(verifier.cachedTokens))
        }
    }

    /// Serves until the task is cancelled or a graceful shutdown is asked for; requests in work are then finished.
    public func run() async throws {
        let responder = responder
        let onListening = onListening
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoops)
        let server = try TLSChannel(
            RequestChannel(responder: responder, configuration: configuration), tlsConfiguration: tls
        ).server(
            configuration: ServerConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    configuration.maxConnections, logger: logger)),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) },
            eventLoopGroup: group, logger: logger)
        do {
            try await server.run()
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private static func loadTLS(_ configuration: GatewayConfiguration) throws(GatewayError) -> TLSConfiguration {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(configuration.certificateChainPath)
        } catch {
            throw .certificate("\(configuration.certificateChainPath) cannot be read as PEM certificates: \(error)")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: configuration.privateKeyPath, format: .pem)
        } catch {
            throw .certificate("\(configuration.privateKeyPath) cannot be read as a PEM private key: \(error)")
        }
        guard !chain.isEmpty else { throw .certificate("\(configuration.certificateChainPath) holds no certificate") }
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        tls.minimumTLSVersion = .tlsv12
        tls.applicationProtocols = ["http/1.1"]
        return tls
    }
}
