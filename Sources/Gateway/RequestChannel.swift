import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// What stands between the TLS of a connection and the responder.
struct RequestChannel<Backend: GatewayBackend>: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
    }

    let responder: Responder<Backend>
    let configuration: GatewayConfiguration

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = configuration.maxHeaderBytes
            limits.maxHeaderListSize = configuration.maxHeaderBytes
            limits.maxHeaderFieldCount = configuration.maxHeaders
            try channel.pipeline.syncOperations.addHandlers([
                IdleStateHandler(readTimeout: .milliseconds(configuration.idleTimeoutMilliseconds)),
                ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits)),
                RequestHandler(responder: responder, loop: channel.eventLoop),
            ])
            return Value(channel: channel)
        }
    }

    /// The handlers do the work; this waits until the connection has ended.
    func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            try? await value.channel.closeFuture.get()
        } onCancel: {
            value.channel.close(promise: nil)
        }
    }
}
