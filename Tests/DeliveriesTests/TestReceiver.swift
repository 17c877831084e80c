import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A request as it reached the receiver.
struct ReceivedRequest: Sendable {
    let method: String
    let path: String
    let headers: HTTPHeaders
    let body: [UInt8]
}

/// What the receiver does with a request.
enum ReceiverReply: Sendable {
    case answer(Int, HTTPHeaders = [:])
    /// Says nothing, ever.
    case silence
    /// Answers 200 and then sends a body without end.
    case babble
    /// Closes the connection.
    case close
}

/// A real HTTP server on this machine, with or without TLS, that does as the test says.
final class TestReceiver: Sendable {
    typealias Script = @Sendable (ReceivedRequest) async -> ReceiverReply

    private let channel: any Channel
    private let books: Books

    private final class Books: Sendable {
        let requests = Mutex<[ReceivedRequest]>([])
        let connections = Mutex(0)
    }

    var port: Int { channel.localAddress!.port! }
    var requests: [ReceivedRequest] { books.requests.withLock { $0 } }
    var connections: Int { books.connections.withLock { $0 } }

    private init(channel: any Channel, books: Books) {
        self.channel = channel
        self.books = books
    }

    static func run(
        host: String = "127.0.0.1", port: Int = 0, tls: NIOSSLContext? = nil,
        script: @escaping Script = { _ in .answer(200) },
        _ body: (TestReceiver) async throws -> Void
    ) async throws {
        let books = Books()
        let channel = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    books.connections.withLock { $0 += 1 }
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        Handler { request in
                            books.requests.withLock { $0.append(request) }
                            return await script(request)
                        })
                }
            }
            .bind(host: host, port: port).get()
        let receiver = TestReceiver(channel: channel, books: books)
        do { try await body(receiver) } catch {
            try? await channel.close()
            throw error
        }
        try await channel.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let script: Script
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ script: @escaping Script) { self.script = script }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let part): body += Array(part.readableBytesView)
            case .end:
                let head = head!
                let request = ReceivedRequest(
                    method: head.method.rawValue, path: head.uri, headers: head.headers, body: body)
                let channel = context.channel
                let script = script
                Task {
                    let reply = await script(request)
                    try? await TestReceiver.write(reply, to: channel)
                }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private static func write(_ reply: ReceiverReply, to channel: any Channel) async throws {
        switch reply {
        case .silence: break
        case .close: try await channel.close()
        case .answer(let status, var headers):
            headers.replaceOrAdd(name: "Content-Length", value: "2")
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
            channel.write(HTTPServerResponsePart.head(head), promise: nil)
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: "ok"))), promise: nil)
            try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        case .babble:
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Transfer-Encoding": "chunked"])
            try await channel.writeAndFlush(HTTPServerResponsePart.head(head))
            while channel.isActive {
                try await channel.writeAndFlush(
                    HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: "on and on "))))
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}
