import Foundation
import Ledger
import Pipeline
import Testing

/// The own parser against Foundation's, on documents that are generated and then mutated, the same in every run.
///
/// Held: what ours takes, Foundation takes, with equal values; what Foundation refuses as JSON, ours refuses as JSON.
/// Where the two differ on purpose, ours is the stricter: repeated keys, unknown fields, null for a required field,
/// exponents, a byte order mark, UTF-16 and UTF-32, and nesting deeper than 16. One thing the other way round: a number
/// whose exponent no Double can hold is no JSON to Foundation, and a wrong field to ours; it is refused by both.
@Suite("The parser agrees with Foundation's on generated and mutated documents")
struct TransactionParserFuzzTests {
    /// The schema as Foundation reads it. An amount is held as the text of its exact decimal value.
    private struct Reference: Decodable {
        let userID: String
        let amount: Decimal
        let currency: String
        let merchant: String
        let location: String
        let merchantID: String?
        let deviceID: String?
        let ip: String?
        let channel: String?
        let transactionID: String?
        let occurredAt: String?

        enum CodingKeys: String, CodingKey {
            case amount, currency, merchant, location, ip, channel
            case userID = "user_id"
            case merchantID = "merchant_id"
            case deviceID = "device_id"
            case transactionID = "transaction_id"
            case occurredAt = "occurred_at"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            userID = try container.decode(String.self, forKey: .userID)
            currency = try container.decode(String.self, forKey: .currency)
            merchant = try container.decode(String.self, forKey: .merchant)
            location = try container.decode(String.self, forKey: .location)
            merchantID = try container.decodeIfPresent(String.self, forKey: .merchantID)
            deviceID = try container.decodeIfPresent(String.self, forKey: .deviceID)
            ip = try container.decodeIfPresent(String.self, forKey: .ip)
            channel = try container.decodeIfPresent(String.self, forKey: .channel)
            transactionID = try container.decodeIfPresent(String.self, forKey: .transactionID)
            occurredAt = try container.decodeIfPresent(String.self, forKey: .occurredAt)
            if let text = try? container.decode(String.self, forKey: .amount) {
                amount = try #require(Decimal(string: text))
            } else {
                amount = try container.decode(Decimal.self, forKey: .amount)
            }
        }
    }

    @Test("Twenty thousand documents", arguments: [1, 2, 3, 4] as [UInt64])
    func agreement(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        let parser = TransactionParser()
        var taken = 0
        var refused = 0
        for _ in 0..<5_000 {
            let document = generator.next()
            do throws(TransactionParserError) {
                let submitted = try parser.parse(document, nowMicroseconds: 1)
                taken += 1
                compare(submitted, document)
            } catch {
                refused += 1
                // What Foundation refuses must be refused as JSON, and not for its fields.
                if case .fields = error, !isJSON(document), !hasExponent(document) {
                    Issue.record("taken for JSON, unlike Foundation: \(String(decoding: document, as: UTF8.self))")
                }
            }
        }
        // The generator must reach both sides, or the test proves nothing.
        #expect(taken > 500 && refused > 500, "taken \(taken), refused \(refused)")
    }

    private func isJSON(_ document: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(document), options: [.fragmentsAllowed])) != nil
    }

    private func hasExponent(_ document: [UInt8]) -> Bool {
        zip(document, document.dropFirst()).contains { $0 &- 0x30 < 10 && $1 | 0x20 == UInt8(ascii: "e") }
    }

    private func compare(_ submitted: SubmittedTransaction, _ document: [UInt8]) {
        let text = String(decoding: document, as: UTF8.self)
        let reference: Reference
        do {
            reference = try JSONDecoder().decode(Reference.self, from: Data(document))
        } catch {
            Issue.record("Foundation refuses what was taken: \(text): \(error)")
            return
        }
        let transaction = submitted.transaction
        #expect(transaction.userID == reference.userID, "\(text)")
        #expect(transaction.merchant == reference.merchant, "\(text)")
        #expect(transaction.location == reference.location, "\(text)")
        #expect(transaction.merchantID == reference.merchantID, "\(text)")
        #expect(transaction.deviceID == reference.deviceID, "\(text)")
        #expect(transaction.ip == reference.ip, "\(text)")
        #expect(transaction.channel == reference.channel, "\(text)")
        #expect(transaction.amount.currency.code == reference.currency, "\(text)")
        #expect(Decimal(string: transaction.amount.decimalText) == reference.amount, "\(text)")
        #expect(submitted.id?.description == reference.transactionID?.uppercased().replacing("TXN_", with: "txn_"))
        if let occurredAt = reference.occurredAt {
            #expect(RFC3339.microseconds(from: occurredAt) == transaction.occurredAtMicroseconds)
        } else {
            #expect(transaction.occurredAtMicroseconds == 1)
        }
    }
}

/// Documents of the schema, most of them then damaged in a few places.
private struct DocumentGenerator {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func next() -> [UInt8] {
        var members = [
            "\"user_id\":\(text())", "\"amount\":\(amount())", "\"currency\":\"\(pick(["EUR", "USD", "JPY", "KWD"]))\"",
            "\"merchant\":\(text())", "\"location\":\(text())",
        ]
        if chance(30) { members.append("\"merchant_id\":\(pick([text(), "null"]))") }
        if chance(30) { members.append("\"device_id\":\(text())") }
        if chance(30) { members.append("\"ip\":\(pick(["\"10.0.0.1\"", "\"::1\"", "null", "\"x\""]))") }
        if chance(30) { members.append("\"channel\":\(pick(["\"online\"", "\"atm\"", "null"]))") }
        if chance(20) { members.append("\"transaction_id\":\"txn_01m81sqc8h8x8k5qqmcf2z6qtr\"") }
        if chance(30) { members.append("\"occurred_at\":\"2026-11-22T13:45:00.\(pick(["1", "25", "123456"]))+02:00\"") }
        if chance(5) { members.append("\"x\":\(pick(["[1,{\"a\":null}]", "{}", "[]", "-0.5e+3", "false"]))") }
        members.shuffle(using: &random)
        let comma = pick([",", " ,\n ", ",\t"])
        var bytes = Array((pick(["{", " {\r\n"]) + members.joined(separator: comma) + pick(["}", " } "])).utf8)
        if chance(60) { for _ in 0...Int.random(in: 0..<3, using: &random) { mutate(&bytes) } }
        return bytes
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let tokens: [[UInt8]] = [
            Array("\"".utf8), Array("\\".utf8), Array("\\u".utf8), Array("\\uD83D".utf8), Array("\\uDE00".utf8),
            Array(",".utf8),
            Array("null".utf8), Array("{".utf8), Array("}".utf8), Array("[".utf8), Array("0".utf8), Array("-".utf8),
            Array("e1".utf8), Array(".".utf8), [0], [0x1F], [0x7F], [0x80], [0xC3], [0xC3, 0xA9], [0xED, 0xA0, 0x80],
            [0xF0, 0x9F, 0x98, 0x80], [0xFF], [0x0A], Array("true".utf8), Array(":".utf8), [0xEF, 0xBB, 0xBF],
        ]
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes.remove(at: place)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.insert(contentsOf: tokens.randomElement(using: &random)!, at: place)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1..<8, using: &random)))
        default:
            let end = min(bytes.count, place + Int.random(in: 1..<20, using: &random))
            bytes.insert(contentsOf: Array(bytes[place..<end]), at: Int.random(in: 0...bytes.count, using: &random))
        }
    }

    private mutating func text() -> String {
        let pieces = [
            "a", "Zürich", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9", "\\uD83D\\uDE00", "😀", "x y", "\\u0041",
            "0123456789abcdef",
            "\u{7FF}", "\u{FFFF}", "\u{10FFFF}", "e\u{301}", "\\t",
        ]
        var text = "\""
        for _ in 0..<Int.random(in: 1..<5, using: &random) {
            // Control characters are no part of a field: rare, so that most documents are taken.
            let piece = pick(pieces)
            text += piece == "\\n" || piece == "\\t" ? (chance(5) ? piece : "b") : piece
        }
        return text + "\""
    }

    private mutating func amount() -> String {
        let whole = pick(["0", "1", "42", "9999999", "123456789012"])
        let text = whole + pick(["", ".0", ".5", ".50", ".07", ".500"])
        return chance(50) ? text : "\"\(text)\""
    }

    private mutating func pick(_ choices: [String]) -> String { choices.randomElement(using: &random)! }
    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
}
