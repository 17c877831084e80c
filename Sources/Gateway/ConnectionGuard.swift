import NIOCore
import NIOHTTPTypes

/// Closes connections whose requests do not come to an end.
///
/// A request must have come whole within a time, however steadily its bytes drip in, and the rest of a body that was
/// refused is read only up to a bound.
final class ConnectionGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let maxBodyBytes: Int
    private let timeout: TimeAmount
    private var bodyBytes = 0
    private var isReading = false
    private var deadline: Scheduled<Void>?

    init(maxBodyBytes: Int, timeout: TimeAmount) {
        self.maxBodyBytes = maxBodyBytes
        self.timeout = timeout
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isReading = true
            bodyBytes = 0
        case .body(let buffer):
            bodyBytes += buffer.readableBytes
            guard bodyBytes <= maxBodyBytes else { return context.close(promise: nil) }
        case .end:
            isReading = false
            deadline?.cancel()
            deadline = nil
        }
        context.fireChannelRead(data)
    }

    /// Most requests come in one read: only those that did not are worth a timer.
    func channelReadComplete(context: ChannelHandlerContext) {
        if isReading, deadline == nil {
            deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { context.close(promise: nil) }
        }
        context.fireChannelReadComplete()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
    }
}
