package import NIOCore

/// One keep-alive connection to a node with at most one request under way.
///
/// Confined to its event loop, which is what makes it safe to pass between that loop's tasks; every method
/// checks it.
package final class HTTPSConnection: ChannelInboundHandler, @unchecked Sendable {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer
    package typealias Exchange = Result<HTTPSResponse, HTTPSError>

    package let endpoint: HTTPSEndpoint
    private let loop: any EventLoop
    private var context: ChannelHandlerContext?
    private var parser = HTTPSResponseParser()
    private var received = ByteBuffer()
    private var outgoing = ByteBuffer()
    private var waiting: UnsafeContinuation<Exchange, Never>?
    private var deadline = NIODeadline.distantFuture
    private var timerIsSet = false
    private var hasEnded = false

    init(endpoint: HTTPSEndpoint, loop: any EventLoop) {
        self.endpoint = endpoint
        self.loop = loop
    }

    /// False once the connection is closed, broken, or told to close: it takes no more requests.
    package var isUsable: Bool { !hasEnded && context != nil }

    /// Sends a request and waits for its answer. Any failure ends the connection.
    package func exchange(_ request: HTTPSRequest, body: ByteBuffer?, timeout: TimeAmount) async -> Exchange {
        loop.preconditionInEventLoop()
        precondition(waiting == nil, "one request at a time on a connection")
        guard isUsable else { return .failure(.connection(endpoint, "closed")) }
        outgoing.clear()
        request.render(to: endpoint, body: body, into: &outgoing)
        deadline = .now() + timeout
        return await withUnsafeContinuation { continuation in
            waiting = continuation
            setTimer()
            context?.writeAndFlush(wrapOutboundOut(outgoing), promise: nil)
        }
    }

    /// Closes without waiting.
    package func close() {
        loop.preconditionInEventLoop()
        end(.connection(endpoint, "closed"))
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if received.readableBytes == 0 {
            received = bytes
        } else {
            received.writeBuffer(&bytes)
        }
        do throws(HTTPSResponseParser.Malformed) {
            guard let response = try parser.consume(&received) else { return }
            answer(response)
        } catch {
            end(.malformed(endpoint, error.reason))
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        if let response = parser.finish() {
            hasEnded = true
            waiting.take()?.resume(returning: .success(response))
        } else {
            end(.connection(endpoint, "closed by the node"))
        }
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.connection(endpoint, String(describing: error)))
    }

    private func answer(_ response: HTTPSResponse) {
        guard let continuation = waiting.take() else {
            return end(.malformed(endpoint, "an answer to no request"))
        }
        if !response.keepsAlive { end(.connection(endpoint, "closed")) }
        continuation.resume(returning: .success(response))
    }

    private func end(_ error: HTTPSError) {
        hasEnded = true
        context?.close(promise: nil)
        waiting.take()?.resume(returning: .failure(error))
    }

    /// One timer a connection, moved on when it fires early: setting one for each request would cost more
    /// than the request's own bytes.
    private func setTimer() {
        guard !timerIsSet else { return }
        timerIsSet = true
        loop.scheduleTask(deadline: deadline) { [weak self] in
            self?.timerFired()
        }
    }

    private func timerFired() {
        timerIsSet = false
        guard waiting != nil, !hasEnded else { return }
        if deadline <= .now() {
            end(.timeout(endpoint))
        } else {
            setTimer()
        }
    }
}
