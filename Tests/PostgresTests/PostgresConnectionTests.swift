import Foundation
import Postgres
import PostgresFixture
import Testing

@Suite struct `A PostgreSQL connection` {
    private func connect(_ configure: (inout PostgresConfiguration) -> Void = { _ in }) throws -> PostgresConnection {
        var configuration = PostgresConfiguration(
            connectionString: try SharedPostgres.get().connectionString(), applicationName: "tests")
        configure(&configuration)
        return try PostgresConnection(configuration)
    }

    @Test func `gives every type back as it was given`() throws {
        let connection = try connect()
        let id = UInt128(0x0123_4567_89AB_CDEF) << 64 | 0xFEDC_BA98_7654_3210
        let result = try connection.query(
            """
            SELECT $1::bool, $2::int2, $3::int4, $4::int8, $5::float4, $6::float8, $7::text, $8::bytea, $9::uuid,
                $10::timestamptz, $11::jsonb, $12::text[], $13::uuid[], $14::text, $15::text[], $9::uuid::text
            """,
            [
                .bool(true), .int2(-2), .int4(.min), .int8(.max), .float4(0.25), .float8(-1e300), .text("größe"),
                .bytea([0, 255, 7]), .uuid(id), .timestamp(-1), .jsonb(Array("[1, 2]".utf8)), .textArray(["a", ""]),
                .uuidArray([id, 0]), .null, .textArray([]),
            ])
        #expect(try result.bool(0, 0))
        #expect(try result.int2(0, 1) == -2)
        #expect(try result.int4(0, 2) == .min)
        #expect(try result.int8(0, 3) == .max)
        #expect(try result.float4(0, 4) == 0.25)
        #expect(try result.float8(0, 5) == -1e300)
        #expect(try result.text(0, 6) == "größe")
        #expect(try result.bytea(0, 7) == [0, 255, 7])
        #expect(try result.uuid(0, 8) == id)
        #expect(try result.timestamp(0, 9) == -1)
        #expect(try result.jsonb(0, 10) == Array("[1, 2]".utf8))
        #expect(try result.textArray(0, 11) == ["a", ""])
        #expect(try result.uuidArray(0, 12) == [id, 0])
        #expect(result.isNull(0, 13))
        #expect(try result.textArray(0, 14) == [])
        #expect(try result.text(0, 15) == "01234567-89ab-cdef-fedc-ba9876543210")
    }

    @Test func `names the column that does not have the wanted type`() throws {
        let result = try connect().query("SELECT 1::int4 AS number, NULL::int8 AS nothing")
        #expect { try result.int8(0, 0) } throws: { "\($0)".contains("column number of row 0") }
        #expect { try result.int8(0, 1) } throws: { "\($0)".contains("column nothing of row 0 holds null") }
    }

    @Test func `reports an error with its state and goes on`() throws {
        let connection = try connect()
        let error = try #require(throws: PostgresError.self) { try connection.query("SELECT * FROM nowhere") }
        #expect(error.kind == .server)
        #expect(error.sqlState == .undefinedTable)
        #expect(error.severity == "ERROR")
        #expect(!error.isConnectionLost && !error.isTemporary)
        #expect(try connection.query("SELECT 7::int4").int4(0, 0) == 7)
    }

    @Test func `rolls a transaction back when its body throws`() throws {
        let connection = try connect()
        try connection.execute("CREATE TEMPORARY TABLE notes (text text)")
        #expect(throws: PostgresError.self) {
            try connection.transaction { () throws(PostgresError) in
                try connection.query("INSERT INTO notes VALUES ($1)", [.text("lost")])
                try connection.execute("SELECT 1/0")
            }
        }
        try connection.transaction { () throws(PostgresError) in
            try connection.query("INSERT INTO notes VALUES ($1)", [.text("kept")])
        }
        #expect(!connection.isInTransaction)
        #expect(try connection.query("SELECT text FROM notes").text(0, 0) == "kept")
    }

    @Test func `copies rows in and out in binary`() throws {
        let connection = try connect()
        try connection.execute(
            "CREATE TEMPORARY TABLE rows (id uuid, number int8, small int2, score float4, body bytea, at timestamptz, label text)"
        )
        var row: Int64 = 0
        let count = try connection.copyIn("COPY rows FROM STDIN (FORMAT binary)") { encoder in
            guard row < 20_000 else { return false }
            encoder.beginRow(fields: 7)
            encoder.appendUUID(UInt128(row))
            encoder.append(row)
            encoder.append(Int16(3))
            encoder.append(Float(0.5))
            encoder.append([UInt8](repeating: 9, count: 40))
            encoder.appendTimestamp(row)
            encoder.appendNull()
            row += 1
            return true
        }
        #expect(count == 20_000)
        let sum = try connection.query(
            "SELECT sum(number)::int8, max(at), count(label)::int8, max(id::text) FROM rows WHERE length(body) = 40")
        #expect(try sum.int8(0, 0) == 199_990_000)
        #expect(try sum.timestamp(0, 1) == 19_999)
        #expect(try sum.int8(0, 2) == 0)
        #expect(try sum.text(0, 3) == "00000000-0000-0000-0000-000000004e1f")
        var bytes = 0
        #expect(try connection.copyOut("COPY rows TO STDOUT (FORMAT binary)") { bytes += $0.count } == 20_000)
        #expect(bytes > 20_000 * 100)
    }

    @Test func `can be used after a COPY that the server refused`() throws {
        let connection = try connect()
        try connection.execute("CREATE TEMPORARY TABLE numbers (number int4 PRIMARY KEY)")
        var rows = 0
        let error = try #require(throws: PostgresError.self) {
            try connection.copyIn("COPY numbers FROM STDIN (FORMAT binary)") { encoder in
                encoder.beginRow(fields: 1)
                encoder.append(Int32(rows / 2))
                rows += 1
                return rows < 100_000
            }
        }
        #expect(error.sqlState == .uniqueViolation)
        #expect(throws: PostgresError.self) { try connection.copyIn("COPY nowhere FROM STDIN") { _ in false } }
        #expect(try connection.query("SELECT count(*) FROM numbers").int8(0, 0) == 0)
    }

    @Test func `sets its session up and shows its name`() throws {
        let connection = try connect { configuration in
            configuration.sessionSettings = ["synchronous_commit": "off"]
            configuration.statementTimeoutMilliseconds = 50
            configuration.connectionString = try! SharedPostgres.get().uri()
        }
        let row = try connection.query(
            "SELECT current_setting('synchronous_commit'), current_setting('application_name')")
        #expect(try row.text(0, 0) == "off")
        #expect(try row.text(0, 1) == "tests")
        let error = try #require(throws: PostgresError.self) { try connection.execute("SELECT pg_sleep(10)") }
        #expect(error.sqlState == .queryCanceled)
        #expect(error.isTemporary && !error.isConnectionLost)
    }

    @Test func `gives a server up that does not answer in time`() throws {
        let connection = try connect { $0.responseTimeoutMilliseconds = 50 }
        let error = try #require(throws: PostgresError.self) { try connection.execute("SELECT pg_sleep(10)") }
        #expect(error.kind == .connectionLost && error.isConnectionLost)
    }

    @Test func `ends at once when it is interrupted from another thread`() throws {
        let interrupter = PostgresInterrupter()
        let configuration = PostgresConfiguration(
            connectionString: try SharedPostgres.get().connectionString(), applicationName: "tests")
        let connection = try PostgresConnection(configuration, interrupter: interrupter)
        let other = Thread { interrupter.interrupt() }
        other.start()
        let error = try #require(throws: PostgresError.self) { try connection.execute("SELECT pg_sleep(60)") }
        #expect(error.isConnectionLost)
        #expect(throws: PostgresError.self) { try PostgresConnection(configuration, interrupter: interrupter) }
    }

    @Test func `tells a wrong connection string from a server that is not there`() throws {
        func failure(_ connectionString: String) throws -> PostgresError {
            try #require(throws: PostgresError.self) {
                try PostgresConnection(
                    PostgresConfiguration(connectionString: connectionString, applicationName: "tests"))
            }
        }
        #expect(try failure("colour=blue").kind == .invalidConfiguration)
        let absent = try failure("host=/tmp/no-such-directory")
        #expect(absent.kind == .connectFailed && absent.isConnectionLost)
    }

    @Test func `takes COPY data as it came out, and a sender that breaks off leaves nothing`() throws {
        struct BrokenOff: Error {}
        let connection = try SharedPostgres.get().connect()
        try connection.execute(
            "CREATE TEMPORARY TABLE numbers AS SELECT n, repeat('x', 1000) AS text FROM generate_series(1, 2000) AS n")
        var pieces: [UnsafeRawBufferPointer] = []
        defer { for piece in pieces { piece.deallocate() } }
        let sent = try connection.copyOut("COPY numbers TO STDOUT (FORMAT binary)") { bytes in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
            copy.copyMemory(from: bytes)
            pieces.append(UnsafeRawBufferPointer(copy))
        }
        try connection.execute("CREATE TEMPORARY TABLE copied (LIKE numbers)")
        for isBrokenOff in [true, false] {
            var next = 0
            func copy() throws -> Int {
                try connection.copyIn("COPY copied FROM STDIN (FORMAT binary)") {
                    if isBrokenOff, next == 1_500 { throw BrokenOff() }
                    guard next < pieces.count else { return nil }
                    defer { next += 1 }
                    return pieces[next]
                }
            }
            if isBrokenOff { #expect(throws: BrokenOff.self) { try copy() } } else { #expect(try copy() == sent) }
            #expect(!connection.isInTransaction)
            let rows = try connection.query("SELECT count(*) FROM copied").int8(0, 0)
            #expect(rows == (isBrokenOff ? 0 : 2_000))
        }
        #expect(throws: PostgresError.self) {
            // Without its beginning.
            var next = 1
            _ = try connection.copyIn("COPY copied FROM STDIN (FORMAT binary)") {
                defer { next += 1 }
                return next < pieces.count ? pieces[next] : nil
            }
        }
        #expect(connection.isUsable && !connection.isInTransaction)
    }
}
