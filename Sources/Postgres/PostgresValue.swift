/// Object identifiers of the built-in types that are used here (fixed in the server's catalogue).
enum TypeOID {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let int4Array: UInt32 = 1007
    static let textArray: UInt32 = 1009
    static let int8Array: UInt32 = 1016
    static let timestamptz: UInt32 = 1184
    static let timestamptzArray: UInt32 = 1185
    static let uuid: UInt32 = 2950
    static let uuidArray: UInt32 = 2951
    static let jsonb: UInt32 = 3802
}

/// PostgreSQL counts microseconds from 2000-01-01 UTC, we count them from 1970-01-01 UTC.
enum PostgresEpoch {
    static let offsetMicroseconds: Int64 = 946_684_800_000_000

    static func encode(_ unixMicroseconds: Int64) -> Int64 {
        let (difference, overflow) = unixMicroseconds.subtractingReportingOverflow(offsetMicroseconds)
        return overflow ? .min : difference
    }

    static func decode(_ postgresMicroseconds: Int64) -> Int64 {
        let (sum, overflow) = postgresMicroseconds.addingReportingOverflow(offsetMicroseconds)
        return overflow ? .max : sum
    }
}

/// A value that a statement is given for one of its `$n`.
public enum PostgresParameter: Sendable, Equatable {
    case null
    case bool(Bool)
    case int2(Int16)
    case int4(Int32)
    case int8(Int64)
    case float4(Float)
    case float8(Double)
    case text(String)
    case bytea([UInt8])
    case uuid(UInt128)
    /// Microseconds since 1970 UTC.
    case timestamp(Int64)
    /// JSON text.
    case jsonb([UInt8])
    case int4Array([Int32])
    case int8Array([Int64])
    case textArray([String])
    case uuidArray([UInt128])
    /// Microseconds since 1970 UTC.
    case timestampArray([Int64])

    /// Zero leaves the choice to the server.
    var typeOID: UInt32 {
        switch self {
        case .null: 0
        case .bool: TypeOID.bool
        case .int2: TypeOID.int2
        case .int4: TypeOID.int4
        case .int8: TypeOID.int8
        case .float4: TypeOID.float4
        case .float8: TypeOID.float8
        case .text: TypeOID.text
        case .bytea: TypeOID.bytea
        case .uuid: TypeOID.uuid
        case .timestamp: TypeOID.timestamptz
        case .jsonb: TypeOID.jsonb
        case .int4Array: TypeOID.int4Array
        case .int8Array: TypeOID.int8Array
        case .textArray: TypeOID.textArray
        case .uuidArray: TypeOID.uuidArray
        case .timestampArray: TypeOID.timestamptzArray
        }
    }

    /// Appends the binary form; false for null, which has none.
    func encode(into bytes: inout [UInt8]) -> Bool {
        switch self {
        case .null: return false
        case .bool(let value): bytes.append(value ? 1 : 0)
        case .int2(let value): bytes.appendBigEndian(value)
        case .int4(let value): bytes.appendBigEndian(value)
        case .int8(let value): bytes.appendBigEndian(value)
        case .float4(let value): bytes.appendBigEndian(value.bitPattern)
        case .float8(let value): bytes.appendBigEndian(value.bitPattern)
        case .text(let value): bytes.append(contentsOf: value.utf8)
        case .bytea(let value): bytes.append(contentsOf: value)
        case .uuid(let value): bytes.appendBigEndian(value)
        case .timestamp(let value): bytes.appendBigEndian(PostgresEpoch.encode(value))
        case .jsonb(let value):
            bytes.append(1)
            bytes.append(contentsOf: value)
        case .int4Array(let values):
            bytes.appendArray(values, elementOID: TypeOID.int4) { $1.appendBigEndian($0) }
        case .int8Array(let values):
            bytes.appendArray(values, elementOID: TypeOID.int8) { $1.appendBigEndian($0) }
        case .textArray(let values):
            bytes.appendArray(values, elementOID: TypeOID.text) { $1.append(contentsOf: $0.utf8) }
        case .uuidArray(let values):
            bytes.appendArray(values, elementOID: TypeOID.uuid) { $1.appendBigEndian($0) }
        case .timestampArray(let values):
            bytes.appendArray(values, elementOID: TypeOID.timestamptz) {
                $1.appendBigEndian(PostgresEpoch.encode($0))
            }
        }
        return true
    }
}

extension [UInt8] {
    @inline(__always)
    mutating func appendBigEndian<Number: FixedWidthInteger>(_ number: Number) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }

    /// An array of one dimension without nulls, as PostgreSQL's `array_recv` reads it.
    fileprivate mutating func appendArray<Value>(
        _ values: [Value], elementOID: UInt32, _ appendElement: (Value, inout [UInt8]) -> Void
    ) {
        appendBigEndian(Int32(values.isEmpty ? 0 : 1))
        appendBigEndian(Int32(0))
        appendBigEndian(elementOID)
        guard !values.isEmpty else { return }
        appendBigEndian(Int32(values.count))
        appendBigEndian(Int32(1))
        for value in values {
            let lengthOffset = count
            appendBigEndian(Int32(0))
            appendElement(value, &self)
            let length = Int32(count - lengthOffset - 4)
            Swift.withUnsafeBytes(of: length.bigEndian) { source in
                for (place, byte) in source.enumerated() { self[lengthOffset + place] = byte }
            }
        }
    }
}
