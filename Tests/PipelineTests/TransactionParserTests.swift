import Ledger
import Pipeline
import Testing

private let now: Int64 = 1_763_819_100_000_000

private func parse(_ document: String) throws(TransactionParserError) -> SubmittedTransaction {
    try TransactionParser().parse(Array(document.utf8), nowMicroseconds: now)
}

/// The error of a document that must not be taken.
private func failure(_ document: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) -> TransactionParserError?
{
    do throws(TransactionParserError) {
        _ = try TransactionParser().parse(document, nowMicroseconds: now)
        Issue.record("the document was taken", sourceLocation: sourceLocation)
        return nil
    } catch {
        return error
    }
}

private func failure(_ document: String, sourceLocation: SourceLocation = #_sourceLocation) -> TransactionParserError? {
    failure(Array(document.utf8), sourceLocation: sourceLocation)
}

/// A sound document, with fields changed, added or (by an empty text) removed.
private func document(_ changes: [String: String] = [:]) -> String {
    var fields = [
        "user_id": #""u-1""#, "amount": #""42.50""#, "currency": #""EUR""#, "merchant": #""Bakery""#,
        "location": #""Berlin, DE""#,
    ]
    fields.merge(changes) { $1 }
    let members = fields.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
    return "{" + members.joined(separator: ",") + "}"
}

private func faults(_ changes: [String: String]) -> [String: String] {
    guard case .fields(let fields) = failure(document(changes)) else { return [:] }
    return Dictionary(uniqueKeysWithValues: fields.map { ($0.field, $0.reason) })
}

@Suite("The parser takes exactly the transactions of the schema")
struct TransactionParserTests {
    @Test("The five required fields make a transaction of now")
    func required() throws {
        let submitted = try parse(document())
        #expect(submitted.id == nil)
        let transaction = submitted.transaction
        #expect(transaction.userID == "u-1")
        #expect(transaction.amount.description == "42.50 EUR")
        #expect(transaction.merchant == "Bakery")
        #expect(transaction.location == "Berlin, DE")
        #expect(transaction.occurredAtMicroseconds == now)
        #expect(transaction.merchantID == nil)
    }

    @Test("All fields are read, in any order and with any white space")
    func allFields() throws {
        let submitted = try parse(
            """
             \t\r
            { "transaction_id" : "txn_01m81sqc8h8x8k5qqmcf2z6qtr", "channel":"card_present", "ip":"2001:db8::1",
              "device_id":"d", "merchant_id":"m-1", "occurred_at":"2026-11-22T14:45:00.25+01:00",
              "location":"L", "merchant":"M", "currency":"JPY", "amount": 10.0 , "user_id":"u" }\u{20}

            """)
        #expect(submitted.id?.description == "txn_01M81SQC8H8X8K5QQMCF2Z6QTR")
        let transaction = submitted.transaction
        #expect(transaction.channel == "card_present")
        #expect(transaction.ip == "2001:db8::1")
        #expect(transaction.deviceID == "d")
        #expect(transaction.merchantID == "m-1")
        #expect(transaction.occurredAtMicroseconds == 1_795_355_100_250_000)
        #expect(transaction.amount.minorUnits == 10)
    }

    @Test("Null stands for absence where a field is optional, and only there")
    func nulls() throws {
        let names = ["occurred_at", "merchant_id", "device_id", "ip", "channel", "transaction_id"]
        let changes = Dictionary(uniqueKeysWithValues: names.map { ($0, "null") })
        #expect(try parse(document(changes)) == parse(document()))
        #expect(faults(["amount": "null", "user_id": "null"]).keys.sorted() == ["amount", "user_id"])
    }

    @Test("Escapes mean what RFC 8259 says, in keys as well")
    func escapes() throws {
        let text = #""\"\\\/ \u00e9\u20AC\uD83D\ude00é€😀""#
        #expect(try parse(document(["merchant": text])).transaction.merchant == "\"\\/ é€😀é€😀")
        let escapedKey = document().replacingOccurrence(of: "merchant", with: #"m\u0065rchant"#)
        #expect(try parse(escapedKey) == parse(document()))
    }

    @Test("Amounts are exact, as number and as string", arguments: ["0.07", "0.29", "8.20", "9007199254740993.01"])
    func exactAmounts(text: String) throws {
        let text = text.count > 13 ? "9007199254740.99" : text
        let number = try parse(document(["amount": text])).transaction.amount
        let string = try parse(document(["amount": "\"\(text)\""])).transaction.amount
        #expect(number == string)
        #expect(number.decimalText == text)
    }

    @Test(
        "What is not JSON is refused at its byte",
        arguments: [
            ("", 0), ("   ", 3), ("[]", 0), ("null", 0), ("{", 1), ("{,}", 1), ("{\"a\"}", 4), ("{\"a\":}", 5),
            ("{\"a\":1,}", 7), ("{\"a\":1 \"b\":2}", 7), ("{}x", 2), ("{} {}", 3), ("{\"a\":01}", 6), ("{\"a\":-}", 6),
            ("{\"a\":1.}", 7), ("{\"a\":.5}", 5), ("{\"a\":+1}", 5), ("{\"a\":1e}", 7), ("{\"a\":NaN}", 5),
            ("{\"a\":Infinity}", 5), ("{\"a\":tru}", 5), ("{\"a\":'b'}", 5), ("{a:1}", 1), ("{\"a\":\"b}", 8),
            ("{\"a\":\"\\x\"}", 6), ("{\"a\":\"\\u12\"}", 6), ("{\"a\":\"\\uD800\"}", 6), ("{\"a\":\"\\uDC00\"}", 6),
            ("{\"a\":\"\\uD800\\u0041\"}", 6), ("{\"a\":\"\\uD800\\n\"}", 6), ("{\"a\":\"\t\"}", 6),
            ("{\"a\":\"\u{0}\"}", 6),
            ("\u{FEFF}{}", 0), ("{\"a\":1}//", 7), ("{\"a\":[1,]}", 8), ("{\"a\":{\"b\":}}", 10), ("{\"a\":\"\\", 6),
        ])
    func syntax(document: String, offset: Int) {
        guard case .syntax(let found, let reason) = failure(document) else {
            Issue.record("not a syntax error")
            return
        }
        #expect(found == offset, "\(reason)")
    }

    @Test(
        "Bytes that are not UTF-8 are refused",
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC1, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0xFF], [0xE2, 0x28, 0xA1],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        for prefix in ["", "1234567", "12345678"] {
            let bad = Array("{\"merchant\":\"\(prefix)".utf8) + bytes + Array("\"}".utf8)
            #expect(failure(bad) == .syntax(offset: 13 + prefix.utf8.count, reason: "the bytes are not UTF-8"))
        }
        _ = failure(Array("{\"merchant\":\"".utf8) + bytes)
    }

    @Test("Nesting has a bound")
    func depth() {
        let deep = String(repeating: "[", count: 100_00) + String(repeating: "]", count: 100_00)
        #expect(failure("{\"a\":\(deep)}") == .syntax(offset: 20, reason: "nested deeper than 16 levels"))
        let shallow = String(repeating: "[", count: 10) + "1" + String(repeating: "]", count: 10)
        #expect(faults(["merchant": shallow]) == ["merchant": "must be a string, not an array"])
    }

    @Test("A document past its bound is refused unread")
    func tooLarge() {
        #expect(failure([UInt8](repeating: 0x20, count: 65_537)) == .tooLarge(limit: 65_536))
    }

    @Test("All faults are told at once, in the order of the schema")
    func allFaults() {
        let bad = """
            {"merchant":"","extra":{"a":[1,null]},"amount":"-1","user_id":7,"currency":"eur","ip":"1.2.3","channel":"pigeon",
            "occurred_at":"now","transaction_id":"7","extra":1,"device_id":true,"ip":"::1"}
            """
        guard case .fields(let fields) = failure(bad) else {
            Issue.record("no list of fields")
            return
        }
        #expect(
            fields.map(\.field) == [
                "user_id", "amount", "currency", "merchant", "location", "occurred_at", "device_id", "ip", "channel",
                "transaction_id", "extra", "ip",
            ])
        #expect(fields[1].reason == "must not be negative")
        #expect(fields[4].reason == "is required")
        #expect(fields.last?.reason == "stands in the document more than once")
    }

    @Test(
        "An amount that is no plain decimal is refused whatever the currency",
        arguments: [
            "1e5", "1E5", "\"1e5\"", "\"\"", "\".5\"", "\"5.\"", "\"+5\"", "\" 5\"", "\"1,5\"", "\"0x10\"", "\"٣\"",
            "\"1.2.3\"",
        ]
    )
    func amountForms(text: String) {
        #expect(faults(["amount": text]).keys.sorted() == ["amount"])
        #expect(faults(["amount": text, "currency": ""]).keys.sorted() == ["amount", "currency"])
    }

    @Test("A key that is written twice, once escaped, is a repetition")
    func repetition() {
        let twice = document().dropLast() + #","\u0061mount":1}"#
        #expect(
            failure(String(twice))
                == .fields([
                    InvalidField(field: "amount", reason: "stands in the document more than once")
                ]))
    }

    @Test("Escaped control characters are no part of a field")
    func controlCharacters() {
        #expect(faults(["user_id": #""a\u0000b""#]) == ["user_id": "must not contain control characters"])
    }

    @Test("A stray name is shown in part, and many strays in number")
    func strays() {
        let long = String(repeating: "k", count: 5000)
        guard case .fields(let one) = failure("{\"\(long)\":1}") else { return }
        #expect(one.last?.field.count == 33)
        let many = (0..<1000).map { "\"k\($0)\":1" }.joined(separator: ",")
        guard case .fields(let all) = failure("{\(many)}") else { return }
        #expect(all.count == 5 + 32)
    }
}

extension String {
    fileprivate func replacingOccurrence(of old: String, with new: String) -> String {
        guard let range = firstRange(of: old) else { return self }
        return replacingCharacters(in: range, with: new)
    }

    private func replacingCharacters(in range: Range<String.Index>, with new: String) -> String {
        var copy = self
        copy.replaceSubrange(range, with: new)
        return copy
    }
}
