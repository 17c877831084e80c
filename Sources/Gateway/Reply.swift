import HTTPTypes
import NIOCore

/// A response on its way out.
struct Reply: Sendable {
    let status: HTTPResponse.Status
    var fields: HTTPFields
    let body: ByteBuffer

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
    }

    /// For fields that tell the length already.
    init(_ status: HTTPResponse.Status, completeFields: HTTPFields, body: ByteBuffer) {
        self.status = status
        fields = completeFields
        self.body = body
    }
}

extension HTTPField.Name {
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    static let prefer = HTTPField.Name("Prefer")!
    static let preferenceApplied = HTTPField.Name("Preference-Applied")!
}
