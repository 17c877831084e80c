import HTTPTypes
import NIOCore

/// A response on its way out.
struct Reply: Sendable {
    let status: HTTPResponse.Status
    var fields: HTTPFields
    let body: ByteBuffer
    /// Comes instead of a body; the connection ends with it.
    let stream: ReplyStream?

    static let json = "application/json"

    init(_ status: HTTPResponse.Status, _ body: [UInt8], contentType: String = Reply.json) {
        self.init(
            status, fields: [.contentType: contentType, .cacheControl: "no-store"], body: ByteBuffer(bytes: body))
    }

    /// The length is added here, so that a reply to HEAD can tell it without a body.
    init(_ status: HTTPResponse.Status, fields: HTTPFields, body: ByteBuffer) {
        self.status = status
        self.fields = fields
        self.fields[.contentLength] = String(body.readableBytes)
        self.body = body
        stream = nil
    }

    /// For fields that tell the length already.
    init(_ status: HTTPResponse.Status, completeFields: HTTPFields, body: ByteBuffer) {
        self.status = status
        fields = completeFields
        self.body = body
        stream = nil
    }

    /// What nobody on the way may keep, nor hold back to make larger pieces of it.
    init(stream: ReplyStream, contentType: String) {
        status = .ok
        fields = [.contentType: contentType, .cacheControl: "no-store", .accelBuffering: "no"]
        body = ByteBuffer()
        self.stream = stream
    }
}

extension Reply {
    /// About as many bytes as `encode` writes.
    var encodedBytes: Int { 256 + body.readableBytes }

    /// Writes the whole response, in one piece.
    ///
    /// - Parameter connection: the value of the field of this name, if it has to be told.
    func encode(into buffer: inout ByteBuffer, isHead: Bool, connection: String?) {
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(status.code))
        buffer.writeStaticString(" ")
        buffer.writeString(status.reasonPhrase)
        for field in fields { Self.encode(field.name.rawName, field.value, into: &buffer) }
        if let connection { Self.encode("connection", connection, into: &buffer) }
        buffer.writeStaticString("\r\n\r\n")
        if !isHead { buffer.writeImmutableBuffer(body) }
    }

    private static func encode(_ name: String, _ value: String, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("\r\n")
        buffer.writeString(name)
        buffer.writeStaticString(": ")
        buffer.writeString(value)
    }
}

extension HTTPField.Name {
    static let accelBuffering = HTTPField.Name("X-Accel-Buffering")!
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    static let prefer = HTTPField.Name("Prefer")!
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
    static let preferenceApplied = HTTPField.Name("Preference-Applied")!
}
