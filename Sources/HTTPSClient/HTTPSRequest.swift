import NIOCore

/// The head of a request, rendered once and sent many times.
package struct HTTPSRequest: Sendable {
    private let beforeAuthority: ByteBuffer
    private let afterAuthority: ByteBuffer

    /// `contentType` nil: the request has no body. `wait`: asks for the decision instead of a receipt.
    package init(
        _ method: String, _ path: String, token: String?, contentType: String? = nil, wait: Bool = false,
        fields: [String: String] = [:]
    ) {
        beforeAuthority = ByteBuffer(string: "\(method) \(path) HTTP/1.1\r\nhost: ")
        var text = "\r\n"
        if let token { text += "authorization: Bearer \(token)\r\n" }
        if let contentType { text += "content-type: \(contentType)\r\n" }
        if wait { text += "prefer: wait\r\n" }
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\r\n" }
        text += "content-length: "
        afterAuthority = ByteBuffer(string: text)
    }

    /// Writes the whole request as it goes onto the wire.
    func render(to endpoint: HTTPSEndpoint, body: ByteBuffer?, into buffer: inout ByteBuffer) {
        buffer.writeImmutableBuffer(beforeAuthority)
        buffer.writeString(endpoint.authority)
        buffer.writeImmutableBuffer(afterAuthority)
        buffer.writeString(String(body?.readableBytes ?? 0))
        buffer.writeStaticString("\r\n\r\n")
        if let body { buffer.writeImmutableBuffer(body) }
    }
}
