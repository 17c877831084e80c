import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// What stands between the TLS of a connection and the responder.
struct RequestChannel<Backend: GatewayBackend>: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let streaming: StreamTask
    }

    let responder: Responder<Backend>
    let configuration: GatewayConfiguration

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = configuration.maxHeaderBytes
            limits.maxHeaderListSize = configuration.maxHeaderBytes
            limits.maxHeaderFieldCount = configuration.maxHeaders
            let handler = RequestHandler(responder: responder, loop: channel.eventLoop)
            try channel.pipeline.syncOperations.addHandlers([
                IdleStateHandler(readTimeout: .milliseconds(configuration.idleTimeoutMilliseconds)),
                ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits)),
                handler,
            ])
            return Value(channel: channel, streaming: handler.streaming)
        }
    }

    /// The handlers do the work; this waits until the connection has ended, and all that runs for it.
    func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            try? await value.channel.closeFuture.get()
        } onCancel: {
            value.channel.close(promise: nil)
        }
        await value.streaming.ended()
    }
}
