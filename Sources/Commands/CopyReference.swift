import CLibpq
import Dispatch

/// What the same PostgreSQLs do with the same rows and nothing else: raw binary COPY into scratch tables, all of them
/// at once.
struct CopyReference: Sendable {
    /// What a database said no to.
    struct Failure: Error, CustomStringConvertible {
        let database: Int
        let reason: String
        var description: String { "PostgreSQL \(database + 1) of the list: \(reason)" }
    }

    static let maxRows = 500_000
    private static let table = "redoubt_copy_reference"
    private static let chunkBytes = 256 << 10

    let databases: [String]

    /// Connects once to each, to fail early.
    init(databases: [String]) throws(Failure) {
        self.databases = databases
        for position in databases.indices { _ = try CopySession(databases[position], position) }
    }

    /// Copies the rows of a range of log entries; rows a second until the slowest PostgreSQL has committed them.
    func measure(after: UInt64, through: UInt64) async throws -> Double {
        let rows = try await Self.onThread { [databases] in
            try CopySession(databases[0], 0).copyOut(
                """
                COPY (SELECT * FROM transactions WHERE log_index > \(after) AND log_index <= \(through) \
                LIMIT \(Self.maxRows)) TO STDOUT (FORMAT binary)
                """, chunkBytes: Self.chunkBytes)
        }
        guard rows.count > 0 else {
            throw Failure(database: 0, reason: "no rows came of the batches; is it this cluster's PostgreSQL?")
        }
        try await everywhere { session throws(Failure) in
            try session.execute("DROP TABLE IF EXISTS \(Self.table)")
            try session.execute("CREATE TABLE \(Self.table) (LIKE transactions INCLUDING ALL)")
        }
        let began = ContinuousClock.now
        try await everywhere { session throws(Failure) in
            try session.execute("SET synchronous_commit = off")
            try session.copyIn("COPY \(Self.table) FROM STDIN (FORMAT binary)", rows.chunks)
        }
        let seconds = (ContinuousClock.now - began).seconds
        try await everywhere { session throws(Failure) in try session.execute("DROP TABLE \(Self.table)") }
        return Double(rows.count) / max(seconds, 0.001)
    }

    private func everywhere(_ work: @escaping @Sendable (CopySession) throws(Failure) -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (position, database) in databases.enumerated() {
                group.addTask { try await Self.onThread { try work(CopySession(database, position)) } }
            }
            try await group.waitForAll()
        }
    }

    /// libpq's calls block, and a few of them at once would hold up the Swift pool of a small machine.
    static func onThread<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result(catching: work)) }
        }
    }
}

/// Rows as COPY gave them out, in pieces.
struct CopiedRows: Sendable {
    var chunks: [[UInt8]] = []
    var count = 0
}

/// A connection for COPY as it comes: bytes out, bytes in.
private final class CopySession {
    private let connection: OpaquePointer
    private let position: Int

    init(_ uri: String, _ position: Int) throws(CopyReference.Failure) {
        guard let connection = PQconnectdb(uri) else {
            throw CopyReference.Failure(database: position, reason: "out of memory")
        }
        self.connection = connection
        self.position = position
        guard PQstatus(connection) == CONNECTION_OK else { throw failure() }
        try execute("SET client_min_messages = warning")
    }

    deinit {
        PQfinish(connection)
    }

    func execute(_ statement: String) throws(CopyReference.Failure) {
        try expect(PQexec(connection, statement), PGRES_COMMAND_OK)
    }

    func copyOut(_ statement: String, chunkBytes: Int) throws(CopyReference.Failure) -> CopiedRows {
        try expect(PQexec(connection, statement), PGRES_COPY_OUT)
        var rows = CopiedRows()
        var chunk: [UInt8] = []
        chunk.reserveCapacity(chunkBytes)
        while true {
            var bytes: UnsafeMutablePointer<CChar>?
            let count = Int(PQgetCopyData(connection, &bytes, 0))
            guard count > 0 else {
                guard count == -1 else { throw failure() }
                break
            }
            chunk.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
            PQfreemem(bytes)
            if chunk.count >= chunkBytes {
                rows.chunks.append(chunk)
                chunk.removeAll(keepingCapacity: true)
            }
        }
        if !chunk.isEmpty { rows.chunks.append(chunk) }
        let result = PQgetResult(connection)
        rows.count = result.flatMap { PQcmdTuples($0) }.flatMap { Int(String(cString: $0)) } ?? 0
        try expect(result, PGRES_COMMAND_OK)
        drain()
        return rows
    }

    func copyIn(_ statement: String, _ chunks: [[UInt8]]) throws(CopyReference.Failure) {
        try expect(PQexec(connection, statement), PGRES_COPY_IN)
        for chunk in chunks {
            let status = chunk.withUnsafeBufferPointer { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    PQputCopyData(connection, $0.baseAddress, Int32($0.count))
                }
            }
            guard status == 1 else { throw failure() }
        }
        guard PQputCopyEnd(connection, nil) == 1 else { throw failure() }
        try expect(PQgetResult(connection), PGRES_COMMAND_OK)
        drain()
    }

    private func expect(_ result: OpaquePointer?, _ status: ExecStatusType) throws(CopyReference.Failure) {
        defer { PQclear(result) }
        guard PQresultStatus(result) == status else { throw failure() }
    }

    private func drain() {
        while let result = PQgetResult(connection) { PQclear(result) }
    }

    private func failure() -> CopyReference.Failure {
        let text = String(cString: PQerrorMessage(connection))
        return CopyReference.Failure(database: position, reason: text.split(separator: "\n").joined(separator: "; "))
    }
}
