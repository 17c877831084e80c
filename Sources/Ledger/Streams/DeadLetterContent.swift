import Bytes
public import Security

/// A record as it came, kept for whoever looks into it: sealed, for it may be a payment with a fault.
///
///     0  version, 1
///     1  what follows: 1 a key, 2 a value; 4: something was cut off
///     2  byte count of the value as it came, 4 bytes
///     6  key, if any: a 32-bit length and the bytes
///        headers: a 16-bit count, each a 16-bit length and its name, one byte whether it has a value, and that as the key
///        value, if any: as the key
///
/// What is sealed has 64 KiB at most: first the value is cut off, then headers, then the key. The associated data are
/// `topic/partition/offset`.
public struct DeadLetterContent: Sendable, Equatable {
    public struct Header: Sendable, Equatable {
        public let name: String
        public let value: [UInt8]?

        public init(name: String, value: [UInt8]?) {
            self.name = name
            self.value = value
        }
    }

    public let key: [UInt8]?
    public let headers: [Header]
    public let value: [UInt8]?
    /// Of the value as it came.
    public let valueByteCount: Int
    public let isCut: Bool

    public static let byteLimit = 65_536
    private static let version: UInt8 = 1
    private static let frontByteCount = 16
    private static let headerCountLimit = 64

    /// A record as the stream gave it; cuts off what is too much.
    public init(key: [UInt8]?, headers: [Header] = [], value: [UInt8]?) {
        var left = Self.byteLimit - Self.frontByteCount
        func take(_ bytes: [UInt8]?, _ isCut: inout Bool) -> [UInt8]? {
            guard let bytes else { return nil }
            let kept = Array(bytes.prefix(max(0, left)))
            if kept.count < bytes.count { isCut = true }
            left -= kept.count
            return kept
        }
        var isCut = false
        self.key = take(key, &isCut)
        var kept: [Header] = []
        for header in headers {
            let cost = header.name.utf8.count + 7 + (header.value?.count ?? 0)
            guard kept.count < Self.headerCountLimit, header.name.utf8.count <= Int(UInt16.max), cost <= left else {
                isCut = true
                break
            }
            left -= cost
            kept.append(header)
        }
        self.headers = kept
        self.value = take(value, &isCut)
        valueByteCount = value?.count ?? 0
        self.isCut = isCut
    }

    /// Sealed for its place in the stream: it opens nowhere else.
    public func seal(at offset: Int64, of partition: StreamPartition, _ sealer: Sealer) -> [UInt8] {
        encoded.withUnsafeBytes { plain in
            Self.origin(offset, partition).withUnsafeBytes { sealer.seal(plain, associatedData: $0) }
        }
    }

    /// Opens what `seal` gave. Throws `SecurityError`, or `MalformedBytes` for what was sealed and is no dead letter.
    public init(opening sealed: [UInt8], at offset: Int64, of partition: StreamPartition, _ sealer: Sealer) throws {
        var plain: [UInt8] = []
        try sealed.withUnsafeBytes { bytes in
            try Self.origin(offset, partition).withUnsafeBytes { origin in
                try sealer.open(bytes, associatedData: origin, into: &plain)
            }
        }
        self = try plain.withUnsafeBytes { try DeadLetterContent(decoding: $0) }
    }

    private var encoded: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 64 + (value?.count ?? 0))
        writer.write(Self.version)
        writer.write((key == nil ? 0 : 1) | (value == nil ? 0 : 2) | (isCut ? 4 : 0) as UInt8)
        writer.write(UInt32(clamping: valueByteCount))
        if let key { writer.writeBlock(key) }
        writer.write(UInt16(headers.count))
        for header in headers {
            writer.writeString(header.name)
            writer.write((header.value == nil ? 0 : 1) as UInt8)
            if let value = header.value { writer.writeBlock(value) }
        }
        if let value { writer.writeBlock(value) }
        return writer.bytes
    }

    private init(decoding bytes: UnsafeRawBufferPointer) throws(MalformedBytes) {
        var reader = ByteReader(bytes)
        let version = try reader.read(UInt8.self)
        guard version == Self.version else { throw MalformedBytes(offset: 0, reason: "version \(version) is unknown") }
        let flags = try reader.read(UInt8.self)
        valueByteCount = Int(try reader.read(UInt32.self))
        isCut = flags & 4 != 0
        key = flags & 1 == 0 ? nil : Array(try reader.readBlock())
        var headers: [Header] = []
        for _ in 0..<(try reader.read(UInt16.self)) {
            let name = try reader.readString()
            let hasValue = try reader.read(UInt8.self) != 0
            headers.append(Header(name: name, value: hasValue ? Array(try reader.readBlock()) : nil))
        }
        self.headers = headers
        value = flags & 2 == 0 ? nil : Array(try reader.readBlock())
        guard reader.isAtEnd else {
            throw MalformedBytes(offset: reader.offset, reason: "\(reader.remaining) bytes too many")
        }
    }

    private static func origin(_ offset: Int64, _ partition: StreamPartition) -> [UInt8] {
        Array("\(partition.topic)/\(partition.number)/\(offset)".utf8)
    }
}
