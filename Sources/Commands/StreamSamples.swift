package import Kafka
import NIOCore

/// Made-up payments as records of a topic, as other producers write them: plain JSON, the user as key. The same seed gives
/// the same records.
package struct StreamSamples {
    package struct Shape: Sendable {
        package var topic: String
        package var seed: UInt64
        package var users: Int
        /// Each payment has an id of its own, made from seed and number: a record that is made up again is a repetition.
        package var hasIDs: Bool
        /// Every so manieth record is no payment; zero: all are.
        package var poisonEvery: Int

        package init(
            topic: String, seed: UInt64, users: Int = 150_000, hasIDs: Bool = false, poisonEvery: Int = 0
        ) {
            self.topic = topic
            self.seed = seed
            self.users = users
            self.hasIDs = hasIDs
            self.poisonEvery = poisonEvery
        }
    }

    package enum Content: Sendable, Equatable {
        /// With the id that it was given, if it was.
        case payment(id: String?)
        case poison
    }

    /// Ids rise with the numbers, one a millisecond, from the beginning of 2026.
    private static let firstMilliseconds: Int64 = 1_767_225_600_000

    private let shape: Shape
    private var samples: SampleTransactions
    private var buffer = ByteBuffer()
    /// Of the next record, from 1.
    package private(set) var number = 1

    package init(_ shape: Shape) {
        self.shape = shape
        samples = SampleTransactions(seed: shape.seed, users: shape.users)
    }

    package mutating func next() -> (record: KafkaRecord, content: Content) {
        defer { number += 1 }
        buffer.clear()
        let identity: SampleTransactions.Identity =
            shape.hasIDs
            ? .derived(milliseconds: Self.firstMilliseconds + Int64(number), content: "produce,\(shape.seed),\(number)")
            : .none
        let user = samples.write(identity, into: &buffer)
        let key = Array("user-\(user)".utf8)
        if shape.poisonEvery > 0, number.isMultiple(of: shape.poisonEvery) {
            return (poison(key), .poison)
        }
        // Without the line's end.
        let value = Array(buffer.readableBytesView.dropLast())
        return (KafkaRecord(topic: shape.topic, key: key, value: value), .payment(id: shape.hasIDs ? id : nil))
    }

    /// The first field of the line has it.
    private var id: String? {
        buffer.getString(
            at: buffer.readerIndex + #"{"transaction_id":""#.utf8.count, length: ClientTransactionID.textBytes)
    }

    /// One kind after another: each is refused for another reason.
    private func poison(_ key: [UInt8]) -> KafkaRecord {
        var record = KafkaRecord(topic: shape.topic, key: key, value: nil)
        switch number / shape.poisonEvery % 4 {
        case 0: record.value = Array("record \(number) is no payment".utf8)
        case 1: record.value = Array(#"{"user_id":"","amount":-1,"currency":"XYZ","merchant":"shop \#(number)"}"#.utf8)
        case 2: break
        default:
            record.value = Array("record \(number)".utf8)
            record.headers = [KafkaHeader(name: "redoubt-envelope", value: Array("0".utf8))]
        }
        return record
    }
}
