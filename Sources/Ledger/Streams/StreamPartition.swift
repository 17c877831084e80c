import Bytes

/// One partition of a topic, as a source of records.
public struct StreamPartition: Hashable, Sendable, CustomStringConvertible {
    /// 1...249 of the characters that Kafka allows: A-Z, a-z, 0-9, `.`, `_` and `-`.
    public let topic: String
    /// From 0.
    public let number: Int32

    public static let maximumTopicBytes = 249

    public init(topic: String, number: Int32) {
        precondition(Self.isValid(topic: topic) && number >= 0, "no partition \(number) of a topic \"\(topic)\"")
        self.topic = topic
        self.number = number
    }

    public static func isValid(topic: String) -> Bool {
        1...maximumTopicBytes ~= topic.utf8.count
            && topic.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    public var description: String { "\(topic)[\(number)]" }
}

extension StreamPartition: Comparable {
    public static func < (left: StreamPartition, right: StreamPartition) -> Bool {
        (left.topic, left.number) < (right.topic, right.number)
    }
}

extension StreamPartition {
    func encode(into writer: inout ByteWriter) {
        writer.writeString(topic)
        writer.write(number)
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        let topic = try reader.readString()
        let number = try reader.read(Int32.self)
        guard Self.isValid(topic: topic), number >= 0 else {
            throw MalformedBytes(offset: start, reason: "no partition of a topic")
        }
        self.init(topic: topic, number: number)
    }
}
