import HTTPTypes
import LoopTasks
import NIOCore
import NIOHTTP1

/// Reads the requests of one connection, one after the other, and writes the replies. Confined to the connection's loop,
/// where the requests' own tasks run too: a request changes threads only where it waits for something else.
final class RequestHandler<Backend: GatewayBackend>: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private enum State {
        case idle
        case reading(Request)
        case responding(isKeptAlive: Bool)
        /// The reply has no end yet; `streaming` writes it.
        case streaming(StreamFraming)
        case closing
    }

    /// Parts of requests that a client may send ahead of the reply to an earlier one; then nothing more is read.
    private static var partsAhead: Int { 64 }
    /// How long a client may take to close its side when the server has closed its own.
    private static var lingering: TimeAmount { .seconds(2) }

    private let responder: Responder<Backend>
    private let executor: LoopTaskExecutor
    let streaming = StreamTask()
    private var context: ChannelHandlerContext?
    private var state = State.idle
    private var bodyBytes = 0
    /// By when the request must have come whole.
    private var deadline: Scheduled<Void>?
    private var ahead = CircularBuffer<HTTPServerRequestPart>()
    /// What came after all that is `ahead`, and was no request.
    private var fault: Problem?
    private var isReadHeld = false
    /// The server ends: after the reply that is under way, the connection does too.
    private var isDraining = false

    init(responder: Responder<Backend>, loop: any EventLoop) {
        self.responder = responder
        executor = LoopTaskExecutor(loop)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { ended() }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    private func ended() {
        streaming.cancel()
        deadline?.cancel()
        deadline = nil
        ahead.removeAll()
        state = .closing
        context = nil
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        // Nothing comes after a stream on its connection.
        case .streaming, .closing: return
        case .idle, .reading, .responding: ahead.append(unwrapInboundIn(data))
        }
        advance(context)
    }

    /// Most requests come in one read: only those that did not are worth a timer.
    func channelReadComplete(context: ChannelHandlerContext) {
        if case .reading = state, deadline == nil {
            let timeout = TimeAmount.milliseconds(responder.configuration.requestReadTimeoutMilliseconds)
            deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { [self] in
                close(context)
            }
        }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if ahead.count < Self.partsAhead { context.read() } else { isReadHeld = true }
    }

    /// Takes what has come, up to the end of a request; not while the client does not take its replies.
    private func advance(_ context: ChannelHandlerContext) {
        while !isResponding, context.channel.isWritable, let part = ahead.popFirst() { take(part, context) }
        if !isResponding, ahead.isEmpty, let fault {
            let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "")
            return send(fault.reply, to: head, isKeptAlive: false, context)
        }
        guard isReadHeld, ahead.count < Self.partsAhead else { return }
        isReadHeld = false
        context.read()
    }

    private var isResponding: Bool {
        switch state {
        case .idle, .reading: false
        case .responding, .streaming, .closing: true
        }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (part, state) {
        case (.head(let head), _):
            begin(Request(head, startNanoseconds: monotonicNanoseconds()), context)
        case (.body(var buffer), .reading(var request)):
            state = .idle  // The buffer has one owner only, or growing it would copy it.
            append(&buffer, to: &request)
            state = .reading(request)
            if bodyBytes > responder.maxRefusedBodyBytes { close(context) }
        case (.end, .reading(let request)):
            deadline?.cancel()
            deadline = nil
            respond(to: request)
        default:
            break  // The rest of a request that is answered already.
        }
    }

    private func begin(_ request: Request, _ context: ChannelHandlerContext) {
        var request = request
        bodyBytes = 0
        request.isTooLarge = request.declaredLength > responder.maxBodyBytes(request.route)
        guard request.expectsContinue else { return state = .reading(request) }
        // Whoever asks first is told at once that it is too large, and need not send it.
        if request.isTooLarge { return respond(to: request) }
        state = .reading(request)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }

    private func append(_ buffer: inout ByteBuffer, to request: inout Request) {
        bodyBytes += buffer.readableBytes
        if bodyBytes > responder.maxBodyBytes(request.route) {
            request.isTooLarge = true
            request.body = ByteBuffer()
        } else if request.body.readableBytes == 0 {
            request.body = buffer
        } else {
            request.body.writeBuffer(&buffer)
        }
    }

    // MARK: Responding

    private func respond(to request: Request) {
        // A body that was announced and then not asked for leaves nothing to go on from.
        let isKeptAlive = request.head.isKeepAlive && !(request.isTooLarge && request.expectsContinue)
        state = .responding(isKeptAlive: isKeptAlive)
        let handler = NIOLoopBound(self, eventLoop: context!.eventLoop)
        Task(executorPreference: executor) { [responder] in
            let reply = await responder.respond(to: request)
            handler.value.finish(reply, to: request)
        }
    }

    private func finish(_ reply: Reply, to request: Request) {
        guard case .responding(let isKeptAlive) = state, let context else { return }
        if let stream = reply.stream {
            begin(stream, reply, to: request.head, context)
            return responder.record(request, reply)
        }
        let goesOn = isKeptAlive && !isDraining
        send(reply, to: request.head, isKeptAlive: goesOn, context)
        responder.record(request, reply)
        guard goesOn else { return }
        state = .idle
        advance(context)
    }

    private func send(_ reply: Reply, to head: HTTPRequestHead, isKeptAlive: Bool, _ context: ChannelHandlerContext) {
        var buffer = context.channel.allocator.buffer(capacity: reply.encodedBytes)
        reply.encode(
            into: &buffer, isHead: head.method == .HEAD,
            connection: isKeptAlive ? (head.version == .http1_0 ? "keep-alive" : nil) : "close")
        if isKeptAlive {
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        } else {
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
            close(context)
        }
    }

    // MARK: Streaming

    private func begin(
        _ stream: ReplyStream, _ reply: Reply, to head: HTTPRequestHead, _ context: ChannelHandlerContext
    ) {
        var reply = reply
        let framing = head.version == .http1_1 ? StreamFraming.chunked : .untilClose
        if framing == .chunked { reply.fields[.transferEncoding] = "chunked" }
        var buffer = context.channel.allocator.buffer(capacity: reply.encodedBytes)
        reply.encode(into: &buffer, isHead: false, connection: "close")
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        ahead.removeAll()
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let task = Task(executorPreference: executor) {
            do {
                for try await piece in stream where !piece.isEmpty {
                    try await handler.value.write(piece).get()
                }
            } catch {
                // The client has gone, or the stream was cancelled: what could be said about it was said in the stream.
            }
            handler.value.endStream()
        }
        state = .streaming(framing)
        streaming.begin(task)
        // It came too late: the client is told to come again, elsewhere.
        if isDraining { endStream() }
    }

    /// Done when the client has taken the piece. One that takes nothing for too long is let go of: it holds the place of
    /// another.
    private func write(_ piece: [UInt8]) throws -> EventLoopFuture<Void> {
        guard case .streaming(let framing) = state, let context else { throw CancellationError() }
        var buffer = context.channel.allocator.buffer(capacity: piece.count + 16)
        framing.frame(piece, into: &buffer)
        let timeout = TimeAmount.milliseconds(responder.configuration.streamWriteTimeoutMilliseconds)
        let limit = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { context.close(promise: nil) }
        let written = context.writeAndFlush(wrapOutboundOut(buffer))
        written.whenComplete { _ in limit.cancel() }
        return written
    }

    /// Whoever still listens is told that this was all.
    private func endStream() {
        guard case .streaming(let framing) = state, let context else { return }
        context.writeAndFlush(wrapOutboundOut(framing.end), promise: nil)
        close(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        advance(context)
        context.fireChannelWritabilityChanged()
    }

    // MARK: Ending

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            isDraining = true
            endStream()
            if case .idle = state, ahead.isEmpty { close(context) }
        case ChannelEvent.inputClosed:
            isDraining = true
            switch state {
            case .idle, .reading: close(context)
            case .responding: break
            // Only who has gone says nothing more while it listens.
            case .streaming: endStream()
            case .closing: context.close(promise: nil)
            }
        case IdleStateHandler.IdleStateEvent.read:
            if !isResponding { close(context) }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, let problem = Problem(error) else { return close(context) }
        fault = problem
        advance(context)
    }

    /// Says that nothing more comes, and gives the client a moment to take what has come and close its side: a connection
    /// that is torn down at once may take the last reply with it.
    private func close(_ context: ChannelHandlerContext) {
        streaming.cancel()
        state = .closing
        ahead.removeAll()
        deadline?.cancel()
        context.close(mode: .output, promise: nil)
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingering) { context.close(promise: nil) }
    }
}
