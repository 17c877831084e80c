import NIOCore

/// What follows a head in place of a body, piece by piece as it is made. The next piece is asked for when the client has
/// taken the last one. Iterated once, and let go of when the connection ends.
typealias ReplyStream = any AsyncSequence<[UInt8], any Error> & Sendable

/// How a client tells where a body ends that has no length.
enum StreamFraming {
    /// RFC 9112, section 7.1.
    case chunked
    /// For clients of HTTP/1.0, which know no chunks.
    case untilClose

    /// A piece as it is written. It must not be empty: to the client that would be the end.
    func frame(_ piece: [UInt8], into buffer: inout ByteBuffer) {
        precondition(!piece.isEmpty, "an empty chunk ends a body")
        guard self == .chunked else {
            buffer.writeBytes(piece)
            return
        }
        buffer.writeString(String(piece.count, radix: 16))
        buffer.writeStaticString("\r\n")
        buffer.writeBytes(piece)
        buffer.writeStaticString("\r\n")
    }

    /// What says that this was all.
    var end: ByteBuffer { self == .chunked ? ByteBuffer(staticString: "0\r\n\r\n") : ByteBuffer() }
}
