import Ledger

/// Reads a transaction from JSON, in one pass and without a tree.
///
/// The schema directs it: strict RFC 8259, one object, the fields of the API and no others, each at most once; `null` for
/// an optional field is the same as its absence. `amount` is a number or a string, in either case plain decimal digits,
/// and is never a binary fraction on its way.
public struct TransactionParser: Sendable {
    /// 64 KiB.
    public static let defaultMaxDocumentBytes = 65_536
    /// An unknown or repeated field is reported only up to this many, so that an error stays small.
    static let maxReportedFaults = 32

    public let maxDocumentBytes: Int

    public init(maxDocumentBytes: Int = TransactionParser.defaultMaxDocumentBytes) {
        precondition(maxDocumentBytes > 0, "a document has at least one byte")
        self.maxDocumentBytes = maxDocumentBytes
    }

    /// - Parameter nowMicroseconds: the time of a transaction that does not tell its own.
    public func parse(
        _ document: UnsafeRawBufferPointer, nowMicroseconds: Int64
    ) throws(TransactionParserError) -> SubmittedTransaction {
        guard document.count <= maxDocumentBytes else { throw .tooLarge(limit: maxDocumentBytes) }
        let bytes = document.assumingMemoryBound(to: UInt8.self)
        var scan = DocumentScan(bytes)
        do throws(JSONSyntaxError) {
            try scan.run()
        } catch {
            throw .syntax(offset: error.offset, reason: error.reason)
        }
        return try scan.transaction(nowMicroseconds: nowMicroseconds)
    }

    /// As `parse` for raw bytes.
    public func parse(_ document: [UInt8], nowMicroseconds: Int64) throws(TransactionParserError)
        -> SubmittedTransaction
    {
        try document.withUnsafeBufferPointer { buffer throws(TransactionParserError) in
            try parse(UnsafeRawBufferPointer(buffer), nowMicroseconds: nowMicroseconds)
        }
    }
}

/// One document under the parser: where its fields stand and what is wrong with it so far.
private struct DocumentScan {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var cursor: JSONCursor
    private var texts = InlineArray<11, JSONText>(repeating: .absent)
    /// One bit a field: its key has stood in the document.
    private var seen: UInt16 = 0
    /// One bit a field: it has been found wrong, and is not looked at again.
    private var wrong: UInt16 = 0
    private var faults: [InvalidField] = []
    /// Unknown and repeated fields.
    private var strayFaults: [InvalidField] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        cursor = JSONCursor(bytes)
    }

    // MARK: Pass over the document

    mutating func run() throws(JSONSyntaxError) {
        cursor.skipSpace()
        try cursor.expect(UInt8(ascii: "{"), "a JSON object is expected")
        cursor.skipSpace()
        if !cursor.take(UInt8(ascii: "}")) {
            repeat {
                cursor.skipSpace()
                try member()
                cursor.skipSpace()
            } while cursor.take(UInt8(ascii: ","))
            try cursor.expect(UInt8(ascii: "}"), "a comma or the object's end is expected")
        }
        cursor.skipSpace()
        guard cursor.isAtEnd else { throw cursor.failure("nothing may follow the object") }
    }

    private mutating func member() throws(JSONSyntaxError) {
        let key = try cursor.string()
        cursor.skipSpace()
        try cursor.expect(UInt8(ascii: ":"), "a colon is expected")
        cursor.skipSpace()
        let value = try cursor.value()
        guard let field = field(of: key) else {
            noteStray(string(key), "is not a field of a transaction")
            return
        }
        let bit = UInt16(1) << UInt16(field.rawValue)
        guard seen & bit == 0 else {
            noteStray(field.name, "stands in the document more than once")
            return
        }
        seen |= bit
        switch value {
        case .string(let text):
            texts[field.rawValue] = text
        case .number(let text, let isPlain):
            if field != .amount {
                note(field, "must be a string, not a number")
            } else if isPlain {
                texts[field.rawValue] = text
            } else {
                note(field, "must be a plain decimal number, without an exponent")
            }
        case .null:
            if field.isRequired { note(field, "is required and must not be null") }
        case .boolean:
            note(field, mustBe(field) + ", not a boolean")
        case .array:
            note(field, mustBe(field) + ", not an array")
        case .object:
            note(field, mustBe(field) + ", not an object")
        }
    }

    private func mustBe(_ field: TransactionField) -> String {
        field == .amount ? "must be a number or a string" : "must be a string"
    }

    private func field(of key: JSONText) -> TransactionField? {
        guard key.hasEscapes else { return TransactionField(name: slice(key)) }
        return JSONUnescape.bytes(of: slice(key)).withUnsafeBufferPointer { TransactionField(name: $0) }
    }

    private mutating func note(_ field: TransactionField, _ reason: String) {
        wrong |= 1 << UInt16(field.rawValue)
        faults.append(InvalidField(field: field.name, reason: reason))
    }

    private mutating func noteStray(_ name: String, _ reason: String) {
        guard strayFaults.count < TransactionParser.maxReportedFaults else { return }
        var shown = name
        if name.utf8.count > 64 { shown = String(name.unicodeScalars.prefix(32).map(Character.init)) + "…" }
        let fault = InvalidField(field: shown, reason: reason)
        if !strayFaults.contains(fault) { strayFaults.append(fault) }
    }

    // MARK: Making the transaction

    mutating func transaction(nowMicroseconds: Int64) throws(TransactionParserError) -> SubmittedTransaction {
        let currency = readCurrency()
        var amount: Amount?
        if let currency { amount = readAmount(in: currency) }
        let occurredAt = readOccurredAt()
        let id = readTransactionID()
        if faults.isEmpty, strayFaults.isEmpty, let amount,
            let userID = present(.userID), let merchant = present(.merchant), let location = present(.location)
        {
            let transaction = Transaction(
                userID: userID, amount: amount, merchant: merchant, location: location,
                merchantID: present(.merchantID), deviceID: present(.deviceID), ip: present(.ip),
                channel: present(.channel), occurredAtMicroseconds: occurredAt ?? nowMicroseconds)
            let invalid = transaction.validate()
            guard !invalid.isEmpty else {
                return SubmittedTransaction(transaction: transaction, id: id, isOccurrenceGiven: occurredAt != nil)
            }
            throw .fields(inSchemaOrder(invalid))
        }
        throw .fields(allFaults(amount: amount, occurredAt: occurredAt, nowMicroseconds: nowMicroseconds))
    }

    /// The text of a field that has one.
    private func present(_ field: TransactionField) -> String? {
        let text = texts[field.rawValue]
        return text.isPresent ? string(text) : nil
    }

    private mutating func readCurrency() -> Currency? {
        let text = texts[TransactionField.currency.rawValue]
        guard text.isPresent else { return nil }
        if let currency = withContent(text, { Currency(utf8: $0) }) { return currency }
        note(.currency, "must be a currency code of ISO 4217 in capital letters, such as \"EUR\"")
        return nil
    }

    private mutating func readAmount(in currency: Currency) -> Amount? {
        let text = texts[TransactionField.amount.rawValue]
        guard text.isPresent else { return nil }
        do throws(InvalidField) {
            return try withContent(text) { content throws(InvalidField) in
                try Amount.parse(decimal: content, currency: currency)
            }
        } catch {
            note(.amount, error.reason)
            return nil
        }
    }

    private mutating func readOccurredAt() -> Int64? {
        let text = texts[TransactionField.occurredAt.rawValue]
        guard text.isPresent else { return nil }
        if let time = withContent(text, { RFC3339.microseconds(from: $0) }) { return time }
        note(.occurredAt, "must be a time of RFC 3339 with an offset, such as \"2026-11-22T13:45:00.25Z\"")
        return nil
    }

    private mutating func readTransactionID() -> TransactionID? {
        let text = texts[TransactionField.transactionID.rawValue]
        guard text.isPresent else { return nil }
        if let id = withContent(text, { TransactionID(utf8: $0) }) { return id }
        note(.transactionID, "must be \"txn_\" and a ULID of 26 characters")
        return nil
    }

    // MARK: Listing the faults

    /// Everything that is wrong. What is absent or wrong already is filled in with something harmless, so that one set of
    /// rules, the transaction's own, judges the rest.
    private mutating func allFaults(amount: Amount?, occurredAt: Int64?, nowMicroseconds: Int64) -> [InvalidField] {
        for field in TransactionField.allCases where field.isRequired && seen >> UInt16(field.rawValue) & 1 == 0 {
            note(field, "is required")
        }
        let hasCurrency = texts[TransactionField.currency.rawValue].isPresent && !isWrong(.currency)
        if !hasCurrency, texts[TransactionField.amount.rawValue].isPresent { checkAmountForm() }
        let trial = Transaction(
            userID: present(.userID) ?? "x", amount: amount ?? Amount(minorUnits: 1, currency: Self.anyCurrency)!,
            merchant: present(.merchant) ?? "x", location: present(.location) ?? "x",
            merchantID: present(.merchantID), deviceID: present(.deviceID), ip: present(.ip),
            channel: present(.channel), occurredAtMicroseconds: occurredAt ?? nowMicroseconds)
        let named = Set(faults.map(\.field))
        return inSchemaOrder(faults + trial.validate().filter { !named.contains($0.field) }) + strayFaults
    }

    /// A currency for the trial: any will do.
    private static let anyCurrency = Currency("EUR")!

    /// Without a currency only the form of an amount can be judged.
    private mutating func checkAmountForm() {
        let reason = withContent(texts[TransactionField.amount.rawValue]) { (content) -> String? in
            if content.first == UInt8(ascii: "-") { return "must not be negative" }
            let parts = content.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            let isPlain = parts.count <= 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0 &- 0x30 < 10 } }
            return isPlain ? nil : "must be a plain decimal number"
        }
        if let reason { note(.amount, reason) }
    }

    private func isWrong(_ field: TransactionField) -> Bool { wrong >> UInt16(field.rawValue) & 1 == 1 }

    private func inSchemaOrder(_ faults: [InvalidField]) -> [InvalidField] {
        TransactionField.allCases.flatMap { field in faults.filter { $0.field == field.name } }
    }

    // MARK: Text

    private func slice(_ text: JSONText) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[text.start..<text.end])
    }

    private func withContent<Value, Failure: Error>(
        _ text: JSONText, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        guard text.hasEscapes else { return try body(UnsafeRawBufferPointer(slice(text))) }
        return try JSONUnescape.bytes(of: slice(text)).withUnsafeBufferPointer { content throws(Failure) in
            try body(UnsafeRawBufferPointer(content))
        }
    }

    private func string(_ text: JSONText) -> String {
        guard text.hasEscapes else { return String(decoding: slice(text), as: UTF8.self) }
        return String(decoding: JSONUnescape.bytes(of: slice(text)), as: UTF8.self)
    }
}
