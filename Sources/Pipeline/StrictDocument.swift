import Ledger

/// A small JSON object, read whole and strictly by RFC 8259, with its members in the order of the document.
///
/// For the few requests that are not transactions: `TransactionParser` reads those faster.
package struct StrictDocument: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
        case string(String)
        /// As it is written.
        case number(String)
        case boolean(Bool)
        case null
        case array([Value])
        case object(StrictDocument)

        /// With its article: "a number".
        package var name: String {
            switch self {
            case .string: "a string"
            case .number: "a number"
            case .boolean: "a boolean"
            case .null: "null"
            case .array: "an array"
            case .object: "an object"
            }
        }
    }

    /// A name may stand in it more than once.
    package private(set) var members: [(name: String, value: Value)] = []

    /// Throws `.tooLarge` or `.syntax`.
    package static func read(
        _ bytes: UnsafeRawBufferPointer, maxBytes: Int
    ) throws(TransactionParserError) -> StrictDocument {
        guard bytes.count <= maxBytes else { throw .tooLarge(limit: maxBytes) }
        let text = bytes.assumingMemoryBound(to: UInt8.self)
        var cursor = JSONCursor(text)
        do throws(JSONSyntaxError) {
            cursor.skipSpace()
            let document = try object(&cursor, text, depth: 1)
            cursor.skipSpace()
            guard cursor.isAtEnd else { throw cursor.failure("nothing may follow the object") }
            return document
        } catch {
            throw .syntax(offset: error.offset, reason: error.reason)
        }
    }

    package static func == (left: StrictDocument, right: StrictDocument) -> Bool {
        left.members.elementsEqual(right.members) { $0.name == $1.name && $0.value == $1.value }
    }

    private static func object(
        _ cursor: inout JSONCursor, _ text: UnsafeBufferPointer<UInt8>, depth: Int
    ) throws(JSONSyntaxError) -> StrictDocument {
        guard depth <= JSONCursor.maxDepth else {
            throw cursor.failure("nested deeper than \(JSONCursor.maxDepth) levels")
        }
        try cursor.expect(UInt8(ascii: "{"), "a JSON object is expected")
        var document = StrictDocument()
        cursor.skipSpace()
        if cursor.take(UInt8(ascii: "}")) { return document }
        repeat {
            cursor.skipSpace()
            let name = string(try cursor.string(), text)
            cursor.skipSpace()
            try cursor.expect(UInt8(ascii: ":"), "a colon is expected")
            cursor.skipSpace()
            document.members.append((name, try value(&cursor, text, depth: depth)))
            cursor.skipSpace()
        } while cursor.take(UInt8(ascii: ","))
        try cursor.expect(UInt8(ascii: "}"), "a comma or the object's end is expected")
        return document
    }

    private static func value(
        _ cursor: inout JSONCursor, _ text: UnsafeBufferPointer<UInt8>, depth: Int
    ) throws(JSONSyntaxError) -> Value {
        let start = cursor.position
        if start < text.count, text[start] == UInt8(ascii: "{") {
            return .object(try object(&cursor, text, depth: depth + 1))
        }
        if start < text.count, text[start] == UInt8(ascii: "[") {
            return .array(try array(&cursor, text, depth: depth + 1))
        }
        switch try cursor.value(depth: depth) {
        case .string(let place): return .string(string(place, text))
        case .number(let place, _): return .number(string(place, text))
        case .boolean: return .boolean(text[start] == UInt8(ascii: "t"))
        case .null: return .null
        case .array, .object: preconditionFailure("what begins so was read above")
        }
    }

    private static func array(
        _ cursor: inout JSONCursor, _ text: UnsafeBufferPointer<UInt8>, depth: Int
    ) throws(JSONSyntaxError) -> [Value] {
        guard depth <= JSONCursor.maxDepth else {
            throw cursor.failure("nested deeper than \(JSONCursor.maxDepth) levels")
        }
        try cursor.expect(UInt8(ascii: "["), "an array is expected")
        var elements: [Value] = []
        cursor.skipSpace()
        if cursor.take(UInt8(ascii: "]")) { return elements }
        repeat {
            cursor.skipSpace()
            elements.append(try value(&cursor, text, depth: depth))
            cursor.skipSpace()
        } while cursor.take(UInt8(ascii: ","))
        try cursor.expect(UInt8(ascii: "]"), "a comma or the array's end is expected")
        return elements
    }

    /// The cursor has found the bytes to be UTF-8.
    private static func string(_ place: JSONText, _ text: UnsafeBufferPointer<UInt8>) -> String {
        let bytes = UnsafeBufferPointer(rebasing: text[place.start..<place.end])
        return String(decoding: place.hasEscapes ? JSONUnescape.bytes(of: bytes) : Array(bytes), as: UTF8.self)
    }
}
