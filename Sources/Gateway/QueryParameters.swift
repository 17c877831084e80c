import Detection
import Ledger
import Pipeline

/// The query of a request target, decoded: each name at most once, and only names that the route knows.
struct QueryParameters {
    private var values: [String: String] = [:]

    /// Only percent signs are special: a plus stands for itself, as in a time's offset.
    init(_ query: Substring, known: Set<String>) throws(Problem) {
        for pair in query.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(sides[0]), let value = Self.decoded(sides.count == 2 ? sides[1] : "") else {
                throw Problem(.invalidRequest, "the query is not percent-encoded UTF-8")
            }
            guard known.contains(name) else {
                throw .invalid(
                    Self.shown(name), "is not a parameter here; known are \(known.sorted().joined(separator: ", "))")
            }
            guard values.updateValue(value, forKey: name) == nil else { throw .invalid(name, "stands more than once") }
        }
    }

    subscript(name: String) -> String? { values[name] }

    func consistency() throws(Problem) -> ReadConsistency {
        guard let name = values["consistency"] else { return .linearizable }
        guard let consistency = ReadConsistency(rawValue: name) else {
            throw .invalid("consistency", "must be \"local\" or \"linearizable\"")
        }
        return consistency
    }

    func transactionQuery() throws(Problem) -> TransactionQuery {
        var query = TransactionQuery()
        query.userID = try userID()
        if let name = values["decision"] {
            guard let decision = Decision(name: name) else {
                throw .invalid("decision", "must be \"approve\", \"review\" or \"block\"")
            }
            query.decision = decision
        }
        (query.fromMicroseconds, query.toMicroseconds) = try times()
        query.limit = try limit()
        if let text = values["cursor"] {
            guard let cursor = try? TransactionCursor(text) else { throw Self.foreignCursor }
            query.after = cursor
        }
        return query
    }

    func alertQuery() throws(Problem) -> AlertQuery {
        var query = AlertQuery()
        if let name = values["state"] {
            query.state = AlertState(name: name)
            guard query.state != nil else {
                throw .invalid("state", "must be \"open\", \"assigned\", \"confirmed\" or \"dismissed\"")
            }
        }
        if let name = values["decision"] {
            // What is approved raises no alert: asking for it is a mistake.
            guard let decision = Decision(name: name), decision != .approve else {
                throw .invalid("decision", "must be \"review\" or \"block\"")
            }
            query.decision = decision
        }
        query.userID = try userID()
        (query.fromMicroseconds, query.toMicroseconds) = try times()
        query.limit = try limit()
        if let text = values["cursor"] {
            guard let cursor = try? AlertCursor(text) else { throw Self.foreignCursor }
            query.after = cursor
        }
        return query
    }

    private static let foreignCursor = Problem.invalid("cursor", "is not one that a page gave as \"next_cursor\"")

    private func userID() throws(Problem) -> String? {
        guard let userID = values["user_id"] else { return nil }
        guard (1...128).contains(userID.utf8.count) else { throw .invalid("user_id", "must have 1 to 128 bytes") }
        return userID
    }

    private func times() throws(Problem) -> (from: Int64?, to: Int64?) {
        let (from, to) = (try time("from"), try time("to"))
        if let from, let to, from >= to { throw .invalid("to", "must be later than \"from\"") }
        return (from, to)
    }

    /// How many items are asked for.
    func limit(upTo maximum: UInt64 = 1000, default usual: Int = 100) throws(Problem) -> Int {
        guard let text = values["limit"] else { return usual }
        guard let limit = Self.digits(text), (1...maximum).contains(limit) else {
            throw .invalid("limit", "must be a whole number from 1 to \(maximum)")
        }
        return Int(limit)
    }

    /// Where a part of a list begins; 0 unless told otherwise.
    func offset() throws(Problem) -> Int {
        guard let text = values["offset"] else { return 0 }
        guard let offset = Self.digits(text), offset <= 1_000_000_000 else {
            throw .invalid("offset", "must be a whole number from 0")
        }
        return Int(offset)
    }

    /// A whole number written in digits alone.
    static func digits(_ text: some StringProtocol) -> UInt64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
        return UInt64(text)
    }

    /// A time of RFC 3339, in microseconds since 1970 UTC.
    func time(_ name: String) throws(Problem) -> Int64? {
        guard let text = values[name] else { return nil }
        guard let microseconds = RFC3339.microseconds(from: text) else {
            throw .invalid(name, "must be a time of RFC 3339 with an offset, such as \"2026-11-22T13:45:00Z\"")
        }
        return microseconds
    }

    private static func shown(_ name: String) -> String {
        name.utf8.count <= 64 ? name : String(name.unicodeScalars.prefix(32).map(Character.init)) + "…"
    }

    /// With percent signs resolved; nil if that is not UTF-8.
    static func decoded(_ text: Substring) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst(), let low = rest.popFirst(), let upper = hexadecimalDigit(high),
                let lower = hexadecimalDigit(low)
            else { return nil }
            bytes.append(upper << 4 | lower)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
