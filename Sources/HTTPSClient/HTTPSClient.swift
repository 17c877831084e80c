import LoopTasks
package import NIOCore
import NIOPosix
import NIOSSL

/// A small HTTPS client for load on the machine under test: one event loop thread, bare connections.
///
/// `run` puts a task on the loop; connections are opened and used only there.
package final class HTTPSClient: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let executor: LoopTaskExecutor
    private let tls: NIOSSLContext

    package init(authorityPath: String) throws(HTTPSError) {
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authorityPath))
            configuration.applicationProtocols = ["http/1.1"]
            tls = try NIOSSLContext(configuration: configuration)
        } catch {
            throw .authority(authorityPath, String(describing: error))
        }
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        loop = group.next()
        executor = LoopTaskExecutor(loop)
    }

    /// Runs work on the client's event loop; what it calls without a hop of its own stays there.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await Task(executorPreference: executor, operation: work).value
    }

    /// The executor of the client's loop, for task groups.
    package var loopExecutor: any TaskExecutor { executor }

    /// Opens a connection. The handshake goes on while the first request waits for it.
    package func connect(to endpoint: HTTPSEndpoint, timeout: TimeAmount = .seconds(3)) async throws(HTTPSError)
        -> HTTPSConnection
    {
        let connection = HTTPSConnection(endpoint: endpoint, loop: loop)
        let tls = tls
        // A name goes into the handshake and is checked; an address is checked as the connection's peer.
        let serverName = endpoint.isNumeric ? nil : endpoint.host
        do {
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(timeout)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: serverName)
                        try channel.pipeline.syncOperations.addHandlers(handler, connection)
                    }
                }
                .connect(host: endpoint.host, port: endpoint.port).get()
            guard channel.isActive else { throw HTTPSError.connection(endpoint, "closed") }
            return connection
        } catch let error as HTTPSError {
            throw error
        } catch {
            throw .connection(endpoint, String(describing: error))
        }
    }

    /// One request over a connection of its own.
    package func request(
        _ request: HTTPSRequest, to endpoint: HTTPSEndpoint, body: ByteBuffer? = nil, timeout: TimeAmount
    ) async throws -> HTTPSResponse {
        try await run {
            let connection = try await self.connect(to: endpoint)
            let exchange = await connection.exchange(request, body: body, timeout: timeout)
            connection.close()
            return try exchange.get()
        }
    }
}

extension HTTPSEndpoint {
    /// True for an IP address in text.
    var isNumeric: Bool { (try? SocketAddress(ipAddress: host, port: port)) != nil }
}
