/// One event of a `text/event-stream` (WHATWG HTML, section 9.2).
package struct ServerSentEvent: Sendable, Equatable {
    /// Without line ends. What the client sends as `Last-Event-ID` when it comes back.
    package var id: String?
    /// Without line ends; nil: `message`.
    package var name: String?
    /// Without data an event is not told to anybody, but its id counts.
    package var data: [UInt8]?

    package init(id: String? = nil, name: String? = nil, data: [UInt8]? = nil) {
        self.id = id
        self.name = name
        self.data = data
    }

    package func append(to text: inout [UInt8]) {
        if let id { Self.append("id: ", id.utf8, to: &text) }
        if let name { Self.append("event: ", name.utf8, to: &text) }
        if let data {
            // A line end would end the field: each line is one of its own. CR LF is one line end.
            var start = 0
            var place = 0
            while place < data.count {
                let byte = data[place]
                if byte == 13 || byte == 10 {
                    Self.append("data: ", data[start..<place], to: &text)
                    if byte == 13, place + 1 < data.count, data[place + 1] == 10 { place += 1 }
                    start = place + 1
                }
                place += 1
            }
            Self.append("data: ", data[start...], to: &text)
        }
        text.append(10)
    }

    /// Says nothing: keeps whatever is on the way from closing a silent connection.
    package static let heartbeat = Array(": heartbeat\n\n".utf8)

    /// How long a client waits before it comes back.
    package static func retry(_ pause: Duration) -> [UInt8] {
        Array(
            "retry: \(pause.components.seconds * 1_000 + pause.components.attoseconds / 1_000_000_000_000_000)\n\n".utf8
        )
    }

    private static func append(_ field: StaticString, _ value: some Sequence<UInt8>, to text: inout [UInt8]) {
        text.append(contentsOf: UnsafeBufferPointer(start: field.utf8Start, count: field.utf8CodeUnitCount))
        text.append(contentsOf: value)
        text.append(10)
    }
}
