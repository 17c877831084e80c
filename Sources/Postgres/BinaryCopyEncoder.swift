/// Writes rows in the binary format of COPY (PostgreSQL manual, COPY, "Binary Format") into one reused buffer.
///
/// A row is announced with its number of fields; exactly so many fields must follow.
public struct BinaryCopyEncoder {
    private(set) var buffer: [UInt8] = []
    private var fieldsLeft = 0
    public private(set) var rowCount = 0

    init(reservingCapacity capacity: Int) { buffer.reserveCapacity(capacity) }

    private static let signature: [UInt8] = [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00]

    mutating func begin() {
        buffer.removeAll(keepingCapacity: true)
        buffer.append(contentsOf: Self.signature)
        buffer.appendBigEndian(Int32(0))
        buffer.appendBigEndian(Int32(0))
        rowCount = 0
        fieldsLeft = 0
    }

    mutating func end() {
        precondition(fieldsLeft == 0, "\(fieldsLeft) fields are missing from the last row")
        buffer.appendBigEndian(Int16(-1))
    }

    mutating func discardEncoded() { buffer.removeAll(keepingCapacity: true) }

    public mutating func beginRow(fields: Int16) {
        precondition(fieldsLeft == 0, "\(fieldsLeft) fields are missing from the row before")
        fieldsLeft = Int(fields)
        rowCount += 1
        buffer.appendBigEndian(fields)
    }

    public mutating func appendNull() {
        countField()
        buffer.appendBigEndian(Int32(-1))
    }

    public mutating func append(_ value: Bool) {
        countField()
        buffer.appendBigEndian(Int32(1))
        buffer.append(value ? 1 : 0)
    }

    public mutating func append(_ value: Int16) { appendNumber(value) }
    public mutating func append(_ value: Int32) { appendNumber(value) }
    public mutating func append(_ value: Int64) { appendNumber(value) }
    public mutating func append(_ value: Float) { appendNumber(value.bitPattern) }
    public mutating func append(_ value: Double) { appendNumber(value.bitPattern) }
    public mutating func appendUUID(_ value: UInt128) { appendNumber(value) }

    /// Microseconds since 1970 UTC.
    public mutating func appendTimestamp(_ microseconds: Int64) { appendNumber(PostgresEpoch.encode(microseconds)) }

    /// A bytea, or the bytes of any other type as its receive function wants them.
    public mutating func append(_ bytes: [UInt8]) {
        countField()
        buffer.appendBigEndian(Int32(bytes.count))
        buffer.append(contentsOf: bytes)
    }

    /// Text, or the label of an enumeration.
    public mutating func append(_ text: StaticString) {
        countField()
        buffer.appendBigEndian(Int32(text.utf8CodeUnitCount))
        text.withUTF8Buffer { buffer.append(contentsOf: $0) }
    }

    public mutating func append(_ text: String) {
        var text = text
        countField()
        text.withUTF8 { utf8 in
            buffer.appendBigEndian(Int32(utf8.count))
            buffer.append(contentsOf: utf8)
        }
    }

    /// JSON text for a jsonb column.
    public mutating func appendJSON(_ text: [UInt8]) {
        countField()
        buffer.appendBigEndian(Int32(text.count + 1))
        buffer.append(1)
        buffer.append(contentsOf: text)
    }

    private mutating func appendNumber<Number: FixedWidthInteger>(_ number: Number) {
        countField()
        buffer.appendBigEndian(Int32(MemoryLayout<Number>.size))
        buffer.appendBigEndian(number)
    }

    private mutating func countField() {
        precondition(fieldsLeft > 0, "a row has more fields than it announced")
        fieldsLeft -= 1
    }
}
