import CLibpq

/// The rows a statement returned, in binary form. Confined to the thread of its connection.
///
/// Reading a column as a type it does not have, or a null as a value, throws `PostgresError.Kind.unexpectedResult`.
public final class PostgresResult {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    public var rowCount: Int { Int(PQntuples(handle)) }
    public var columnCount: Int { Int(PQnfields(handle)) }
    /// Rows that an INSERT, UPDATE, DELETE or COPY touched; zero for other statements.
    public var affectedRows: Int { Int(String(cString: PQcmdTuples(handle))) ?? 0 }
    /// What the statement did, such as `COMMIT` or `INSERT 0 3`.
    public var commandTag: String { String(cString: PQcmdStatus(handle)) }

    public func isNull(_ row: Int, _ column: Int) -> Bool {
        preconditionInside(row, column)
        return PQgetisnull(handle, Int32(row), Int32(column)) == 1
    }

    public func bool(_ row: Int, _ column: Int) throws(PostgresError) -> Bool {
        try field(row, column, TypeOID.bool, size: 1)[0] != 0
    }

    public func int2(_ row: Int, _ column: Int) throws(PostgresError) -> Int16 {
        try integer(row, column, TypeOID.int2)
    }

    public func int4(_ row: Int, _ column: Int) throws(PostgresError) -> Int32 {
        try integer(row, column, TypeOID.int4)
    }

    public func int8(_ row: Int, _ column: Int) throws(PostgresError) -> Int64 {
        try integer(row, column, TypeOID.int8)
    }

    public func float4(_ row: Int, _ column: Int) throws(PostgresError) -> Float {
        Float(bitPattern: try integer(row, column, TypeOID.float4))
    }

    public func float8(_ row: Int, _ column: Int) throws(PostgresError) -> Double {
        Double(bitPattern: try integer(row, column, TypeOID.float8))
    }

    public func uuid(_ row: Int, _ column: Int) throws(PostgresError) -> UInt128 {
        try integer(row, column, TypeOID.uuid)
    }

    /// Microseconds since 1970 UTC.
    public func timestamp(_ row: Int, _ column: Int) throws(PostgresError) -> Int64 {
        PostgresEpoch.decode(try integer(row, column, TypeOID.timestamptz))
    }

    /// Text, or anything whose binary form is its text: enumerations, names, json.
    public func text(_ row: Int, _ column: Int) throws(PostgresError) -> String {
        let type = PQftype(handle, Int32(column))
        let raw = try bytes(row, column)
        guard let text = String(validating: raw, as: UTF8.self), type != TypeOID.bytea else {
            throw unexpected(row, column, "text")
        }
        return text
    }

    public func bytea(_ row: Int, _ column: Int) throws(PostgresError) -> [UInt8] {
        guard PQftype(handle, Int32(column)) == TypeOID.bytea else { throw unexpected(row, column, "bytea") }
        return Array(try bytes(row, column))
    }

    /// JSON text.
    public func jsonb(_ row: Int, _ column: Int) throws(PostgresError) -> [UInt8] {
        let raw = try bytes(row, column)
        guard PQftype(handle, Int32(column)) == TypeOID.jsonb, raw.first == 1 else {
            throw unexpected(row, column, "jsonb")
        }
        return Array(raw.dropFirst())
    }

    public func textArray(_ row: Int, _ column: Int) throws(PostgresError) -> [String] {
        try array(row, column, TypeOID.textArray) { String(validating: $0, as: UTF8.self) }
    }

    public func uuidArray(_ row: Int, _ column: Int) throws(PostgresError) -> [UInt128] {
        try array(row, column, TypeOID.uuidArray) { raw in
            raw.count == 16 ? UInt128(bigEndian: raw.loadUnaligned(as: UInt128.self)) : nil
        }
    }

    private func bytes(_ row: Int, _ column: Int) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard !isNull(row, column) else { throw unexpected(row, column, "a value") }
        let count = Int(PQgetlength(handle, Int32(row), Int32(column)))
        return UnsafeRawBufferPointer(start: PQgetvalue(handle, Int32(row), Int32(column)), count: count)
    }

    private func field(
        _ row: Int, _ column: Int, _ type: UInt32, size: Int
    ) throws(PostgresError) -> UnsafeRawBufferPointer {
        let raw = try bytes(row, column)
        guard PQftype(handle, Int32(column)) == type, raw.count == size else {
            throw unexpected(row, column, "a value of type \(type)")
        }
        return raw
    }

    private func integer<Number: FixedWidthInteger>(
        _ row: Int, _ column: Int, _ type: UInt32
    ) throws(PostgresError) -> Number {
        let raw = try field(row, column, type, size: MemoryLayout<Number>.size)
        return Number(bigEndian: raw.loadUnaligned(as: Number.self))
    }

    /// Reads an array of one dimension without nulls.
    private func array<Element>(
        _ row: Int, _ column: Int, _ type: UInt32, _ element: (UnsafeRawBufferPointer) -> Element?
    ) throws(PostgresError) -> [Element] {
        let raw = try bytes(row, column)
        guard PQftype(handle, Int32(column)) == type, raw.count >= 12 else {
            throw unexpected(row, column, "an array")
        }
        func number(at offset: Int) -> Int {
            Int(Int32(bigEndian: raw.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
        }
        if number(at: 0) == 0 { return [] }
        guard number(at: 0) == 1, raw.count >= 20 else { throw unexpected(row, column, "an array of one dimension") }
        var elements: [Element] = []
        var offset = 20
        for _ in 0..<number(at: 12) {
            guard offset + 4 <= raw.count, case let length = number(at: offset), length >= 0,
                offset + 4 + length <= raw.count,
                let value = element(UnsafeRawBufferPointer(rebasing: raw[offset + 4..<offset + 4 + length]))
            else { throw unexpected(row, column, "an array without nulls") }
            elements.append(value)
            offset += 4 + length
        }
        return elements
    }

    private func preconditionInside(_ row: Int, _ column: Int) {
        precondition(row >= 0 && row < rowCount, "row \(row) of \(rowCount)")
        precondition(column >= 0 && column < columnCount, "column \(column) of \(columnCount)")
    }

    private func unexpected(_ row: Int, _ column: Int, _ wanted: String) -> PostgresError {
        let name = String(cString: PQfname(handle, Int32(column)))
        let found = isNull(row, column) ? "null" : "type \(PQftype(handle, Int32(column)))"
        return PostgresError(.unexpectedResult, "column \(name) of row \(row) holds \(found), \(wanted) was expected")
    }
}
