package import NIOCore

/// Reads one HTTP/1.1 answer after another off a connection, over any cut of the bytes.
///
/// Written for load: it looks only at the four headers that decide the exchange, and makes no strings.
package struct HTTPSResponseParser {
    /// Why the bytes are no answer.
    package struct Malformed: Error {
        package let reason: String
    }

    package static let maxHeadBytes = 64 << 10
    static let maxBodyBytes = 64 << 20

    private enum State {
        case head
        case sized(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailers
        case untilClose
    }

    private var state = State.head
    private var response = HTTPSResponse()

    package init() {}

    /// Takes from `input` what it can; an answer once it is complete, nil while more bytes are needed.
    package mutating func consume(_ input: inout ByteBuffer) throws(Malformed) -> HTTPSResponse? {
        while true {
            switch state {
            case .head:
                guard try consumeHead(&input) else { return nil }
                if let response = completeIfBodiless() { return response }
            case .sized(let remaining):
                let left = try consumeBody(&input, remaining)
                guard left == 0 else {
                    state = .sized(remaining: left)
                    return nil
                }
                return complete()
            case .chunkSize:
                guard let line = try consumeLine(&input) else { return nil }
                let size = try Self.chunkSize(line)
                state = size == 0 ? .trailers : .chunk(remaining: size)
            case .chunk(let remaining):
                let left = try consumeBody(&input, remaining)
                guard left == 0 else {
                    state = .chunk(remaining: left)
                    return nil
                }
                state = .chunkEnd
            case .chunkEnd:
                guard let line = try consumeLine(&input) else { return nil }
                guard line.readableBytes == 0 else { throw Malformed(reason: "bytes after a chunk") }
                state = .chunkSize
            case .trailers:
                guard let line = try consumeLine(&input) else { return nil }
                if line.readableBytes == 0 { return complete() }
            case .untilClose:
                _ = try consumeBody(&input, input.readableBytes)
                return nil
            }
        }
    }

    /// The connection has ended: an answer whose end is the connection's end is complete now.
    package mutating func finish() -> HTTPSResponse? {
        guard case .untilClose = state else { return nil }
        return complete()
    }

    private mutating func complete() -> HTTPSResponse {
        defer {
            state = .head
            response = HTTPSResponse()
        }
        return response
    }

    private mutating func completeIfBodiless() -> HTTPSResponse? {
        if case .sized(remaining: 0) = state { return complete() }
        return nil
    }

    /// Moves body bytes over; the bytes still missing afterwards.
    private mutating func consumeBody(_ input: inout ByteBuffer, _ remaining: Int) throws(Malformed) -> Int {
        let count = min(remaining, input.readableBytes)
        guard response.body.readableBytes + count <= Self.maxBodyBytes else {
            throw Malformed(reason: "a body past \(Self.maxBodyBytes) bytes")
        }
        if count > 0, var slice = input.readSlice(length: count) {
            if response.body.readableBytes == 0 { response.body = slice } else { response.body.writeBuffer(&slice) }
        }
        return remaining - count
    }

    private func consumeLine(_ input: inout ByteBuffer) throws(Malformed) -> ByteBuffer? {
        guard let end = input.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else {
            guard input.readableBytes <= Self.maxHeadBytes else { throw Malformed(reason: "a line without end") }
            return nil
        }
        let length = end - input.readerIndex
        guard var line = input.readSlice(length: length) else { return nil }
        input.moveReaderIndex(forwardBy: 1)
        if line.readableBytesView.last == UInt8(ascii: "\r") {
            line.moveWriterIndex(to: line.writerIndex - 1)
        }
        return line
    }

    private static func chunkSize(_ line: ByteBuffer) throws(Malformed) -> Int {
        var size = 0
        var digits = 0
        for byte in line.readableBytesView {
            guard let digit = hexDigit(byte) else { break }
            size = size << 4 | digit
            digits += 1
            guard size <= maxBodyBytes else { throw Malformed(reason: "a chunk past \(maxBodyBytes) bytes") }
        }
        guard digits > 0 else { throw Malformed(reason: "a chunk without a size") }
        return size
    }

    private static func hexDigit(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}

extension HTTPSResponseParser {
    /// Reads the status line and the headers once all of them are there; answers of the 1xx class are skipped.
    private mutating func consumeHead(_ input: inout ByteBuffer) throws(Malformed) -> Bool {
        while true {
            guard let length = try Self.headLength(input) else { return false }
            var framing = Framing()
            var head = HTTPSResponse()
            let parsed = input.withUnsafeReadableBytes { bytes in
                Self.parseHead(UnsafeRawBufferPointer(rebasing: bytes[..<length]), &head, &framing)
            }
            if let reason = parsed { throw Malformed(reason: reason) }
            input.moveReaderIndex(forwardBy: length)
            if (100..<200).contains(head.status) { continue }
            response = head
            if head.status == 204 || head.status == 304 {
                state = .sized(remaining: 0)
            } else if framing.isChunked {
                state = .chunkSize
            } else if let count = framing.contentLength {
                guard count <= Self.maxBodyBytes else {
                    throw Malformed(reason: "a body past \(Self.maxBodyBytes) bytes")
                }
                state = .sized(remaining: count)
            } else {
                response.keepsAlive = false
                state = .untilClose
            }
            return true
        }
    }

    private struct Framing {
        var contentLength: Int?
        var isChunked = false
    }

    /// Bytes up to and with the empty line; nil while it has not come.
    private static func headLength(_ input: ByteBuffer) throws(Malformed) -> Int? {
        let length: Int? = input.withUnsafeReadableBytes { bytes in
            var index = 3
            while index < bytes.count {
                // The last byte of the four is looked at first: three out of four positions are skipped.
                switch bytes[index] {
                case UInt8(ascii: "\n"):
                    if bytes[index - 1] == UInt8(ascii: "\r"), bytes[index - 2] == UInt8(ascii: "\n"),
                        bytes[index - 3] == UInt8(ascii: "\r")
                    {
                        return index + 1
                    }
                    index += 2
                case UInt8(ascii: "\r"): index += 1
                default: index += 3
                }
            }
            return nil
        }
        guard length ?? input.readableBytes <= maxHeadBytes else {
            throw Malformed(reason: "a head past \(maxHeadBytes) bytes")
        }
        return length
    }

    /// What is wrong with the head, or nil.
    private static func parseHead(
        _ bytes: UnsafeRawBufferPointer, _ response: inout HTTPSResponse, _ framing: inout Framing
    ) -> String? {
        // "HTTP/1.1 202 Accepted"
        guard bytes.count >= 12, starts(bytes, with: "http/1."), bytes[8] == UInt8(ascii: " "),
            let status = decimal(UnsafeRawBufferPointer(rebasing: bytes[9..<12])), status >= 100
        else { return "no HTTP/1 status line" }
        response.status = status
        if bytes[7] == UInt8(ascii: "0") { response.keepsAlive = false }
        var start = bytes.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
        while start < bytes.count, bytes[start] != UInt8(ascii: "\r") {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
            let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            if let value = value(of: "content-length:", in: line) {
                guard let count = decimal(value) else { return "a Content-Length that is no number" }
                framing.contentLength = count
            } else if let value = value(of: "transfer-encoding:", in: line) {
                framing.isChunked = starts(value, with: "chunked")
            } else if let value = value(of: "connection:", in: line) {
                if starts(value, with: "close") { response.keepsAlive = false }
            } else if let value = value(of: "retry-after:", in: line) {
                response.retryAfterSeconds = decimal(value)
            }
            start = end + 1
        }
        return nil
    }

    private static func value(of name: StaticString, in line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard starts(line, with: name) else { return nil }
        var start = name.utf8CodeUnitCount
        var end = line.count
        while start < end, line[start] == UInt8(ascii: " ") || line[start] == UInt8(ascii: "\t") { start += 1 }
        while end > start, line[end - 1] == UInt8(ascii: "\r") || line[end - 1] == UInt8(ascii: " ") { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: line[start..<end])
    }

    /// `prefix` in small letters; the bytes in any.
    private static func starts(_ bytes: UnsafeRawBufferPointer, with prefix: StaticString) -> Bool {
        let count = prefix.utf8CodeUnitCount
        guard bytes.count >= count else { return false }
        for index in 0..<count {
            let byte = bytes[index]
            let small = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
            guard small == prefix.utf8Start[index] else { return false }
        }
        return true
    }

    private static func decimal(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard (1...15).contains(bytes.count) else { return nil }
        var number = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return number
    }
}
