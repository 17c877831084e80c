import Ledger
import Pipeline

/// Takes the fields of a JSON object one by one, and remembers all that is wrong with them. `finish` refuses the fields
/// that nobody asked for, so a misspelt one is never passed over.
struct DocumentFields {
    /// Unknown and repeated fields are listed only up to this many.
    private static let maxReportedFaults = 32

    private let document: StrictDocument
    /// "by." for the object in the field "by".
    private let prefix: String
    private(set) var faults: [InvalidField] = []
    private var asked: [String] = []

    init(_ document: StrictDocument, prefix: String = "") {
        self.document = document
        self.prefix = prefix
    }

    mutating func integer(_ name: String, in range: ClosedRange<UInt64>) -> UInt64? {
        guard let value = required(name) else { return nil }
        guard case .number(let text) = value else { return wrongType(name, "a whole number", value) }
        guard let number = QueryParameters.digits(text), range.contains(number) else {
            return fault(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func optionalInteger(_ name: String, in range: ClosedRange<UInt64>) -> UInt64? {
        isPresent(name) ? integer(name, in: range) : nil
    }

    mutating func string(_ name: String) -> String? {
        guard let value = required(name) else { return nil }
        guard case .string(let text) = value else { return wrongType(name, "a string", value) }
        return text
    }

    mutating func boolean(_ name: String) -> Bool? {
        guard let value = required(name) else { return nil }
        guard case .boolean(let boolean) = value else { return wrongType(name, "true or false", value) }
        return boolean
    }

    mutating func optionalBoolean(_ name: String) -> Bool? {
        isPresent(name) ? boolean(name) : nil
    }

    mutating func optionalString(_ name: String) -> String? {
        isPresent(name) ? string(name) : nil
    }

    /// A string that is not empty and has at most `maxBytes` bytes.
    mutating func string(_ name: String, maxBytes: Int) -> String? {
        guard let text = string(name) else { return nil }
        guard (1...maxBytes).contains(text.utf8.count) else { return fault(name, "must have 1 to \(maxBytes) bytes") }
        return text
    }

    mutating func optionalString(_ name: String, maxBytes: Int) -> String? {
        isPresent(name) ? string(name, maxBytes: maxBytes) : nil
    }

    /// A time of RFC 3339, in microseconds since 1970 UTC.
    mutating func optionalTime(_ name: String) -> Int64? {
        guard isPresent(name), let text = string(name) else { return nil }
        guard let microseconds = RFC3339.microseconds(from: text) else {
            return fault(name, "must be a time of RFC 3339 with an offset, such as \"2026-11-22T13:45:00Z\"")
        }
        return microseconds
    }

    /// An array of at most `count` strings, none empty and none longer than `maxBytes` bytes.
    mutating func optionalStrings(_ name: String, count: Int, maxBytes: Int) -> [String]? {
        guard isPresent(name), let value = required(name) else { return nil }
        guard case .array(let elements) = value else { return wrongType(name, "an array of strings", value) }
        guard elements.count <= count else { return fault(name, "must hold at most \(count) values") }
        var strings: [String] = []
        for (place, element) in elements.enumerated() {
            guard case .string(let text) = element else { return wrongType("\(name)[\(place)]", "a string", element) }
            guard (1...maxBytes).contains(text.utf8.count) else {
                return fault("\(name)[\(place)]", "must have 1 to \(maxBytes) bytes")
            }
            strings.append(text)
        }
        return strings
    }

    /// As `optionalStrings`, but there must be one at least.
    mutating func strings(_ name: String, count: Int, maxBytes: Int) -> [String]? {
        guard required(name) != nil else { return nil }
        guard let strings = optionalStrings(name, count: count, maxBytes: maxBytes) else { return nil }
        guard !strings.isEmpty else { return fault(name, "must hold 1 to \(count) values") }
        return strings
    }

    /// The fields of an object; what is wrong with them is given back to `take(faultsOf:)`.
    mutating func object(_ name: String) -> DocumentFields? {
        guard let value = required(name) else { return nil }
        guard case .object(let document) = value else { return wrongType(name, "an object", value) }
        return DocumentFields(document, prefix: "\(prefix)\(name).")
    }

    mutating func take(faultsOf inner: DocumentFields) {
        faults += inner.faults + inner.strays
    }

    /// Notes what is wrong with a field.
    mutating func note(_ name: String, _ reason: String) {
        faults.append(InvalidField(field: prefix + name, reason: reason))
    }

    /// Notes a fault with a field whose type is right.
    @discardableResult
    mutating func fault<Value>(_ name: String, _ reason: String) -> Value? {
        note(name, reason)
        return nil
    }

    /// All that is wrong, the fields that nobody asked for included.
    var allFaults: [InvalidField] { faults + strays }

    /// Throws all that is wrong.
    func finish() throws(Problem) {
        let all = allFaults
        guard all.isEmpty else { throw Problem(all) }
    }

    /// Null for an optional field is the same as its absence.
    private mutating func isPresent(_ name: String) -> Bool {
        if !asked.contains(name) { asked.append(name) }
        return document.members.contains { $0.name == name && $0.value != .null }
    }

    private mutating func required(_ name: String) -> StrictDocument.Value? {
        if !asked.contains(name) { asked.append(name) }
        switch document.members.first(where: { $0.name == name })?.value {
        case nil: return fault(name, "is required")
        case .null: return fault(name, "is required and must not be null")
        case .some(let value): return value
        }
    }

    private mutating func wrongType<Value>(
        _ name: String, _ expected: String, _ value: StrictDocument.Value
    ) -> Value? {
        fault(name, "must be \(expected), not \(value.name)")
    }

    /// Fields that are unknown or stand there again.
    private var strays: [InvalidField] {
        var seen: Set<String> = []
        var strays: [InvalidField] = []
        for (name, _) in document.members where strays.count < Self.maxReportedFaults {
            if !asked.contains(name) {
                let known = asked.isEmpty ? "" : "; known are \(asked.joined(separator: ", "))"
                strays.append(InvalidField(field: prefix + shown(name), reason: "is not a field here\(known)"))
            } else if !seen.insert(name).inserted {
                strays.append(InvalidField(field: prefix + name, reason: "stands in the document more than once"))
            }
        }
        return strays
    }

    private func shown(_ name: String) -> String {
        name.utf8.count <= 64 ? name : String(name.unicodeScalars.prefix(32).map(Character.init)) + "…"
    }
}
