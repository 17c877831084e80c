internal import Bytes

/// What a client asks of one register.
package enum Operation: Equatable, Sendable {
    case put(UInt64)
    /// Sets `new` if the register holds `expected`; zero is a register that was never written.
    case compareAndSet(expected: UInt64, new: UInt64)
    case read
}

/// What came of it.
package enum Outcome: Equatable, Sendable {
    case written
    case swapped(Bool)
    case value(UInt64)
}

/// A request keeps its name through all its retries.
package struct RequestID: Hashable, Sendable {
    package var client: UInt32
    package var number: UInt32

    package init(client: UInt32, number: UInt32) {
        self.client = client
        self.number = number
    }
}

/// A write as it stands in the log.
package struct Command: Equatable, Sendable {
    package var request: RequestID
    package var key: UInt8
    package var operation: Operation

    package init(request: RequestID, key: UInt8, operation: Operation) {
        self.request = request
        self.key = key
        self.operation = operation
    }

    /// `padding` zeros behind it, so that entries differ in size.
    func encode(padding: Int) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 26 + padding)
        writer.write(request.client)
        writer.write(request.number)
        writer.write(key)
        switch operation {
        case .put(let value):
            writer.write(UInt8(1))
            writer.write(UInt64(0))
            writer.write(value)
        case .compareAndSet(let expected, let new):
            writer.write(UInt8(2))
            writer.write(expected)
            writer.write(new)
        case .read: preconditionFailure("a read is not written to the log")
        }
        if padding > 0 { writer.append([UInt8](repeating: 0, count: padding)) }
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        let result = bytes.withUnsafeBytes { raw in
            Result { () throws(MalformedBytes) -> Command in
                var reader = ByteReader(raw)
                let request = RequestID(client: try reader.read(), number: try reader.read())
                let key = try reader.read(UInt8.self)
                let kind = try reader.read(UInt8.self)
                let expected = try reader.read(UInt64.self)
                let value = try reader.read(UInt64.self)
                return Command(
                    request: request, key: key,
                    operation: kind == 1 ? .put(value) : .compareAndSet(expected: expected, new: value))
            }
        }
        self = try result.get()
    }
}
