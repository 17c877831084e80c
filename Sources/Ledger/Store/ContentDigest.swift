import Postgres
public import Raft
import Security

/// What a database holds at one index of the log, in 32 bytes: equal on every node, or something is wrong.
public struct ContentDigest: Equatable, Sendable {
    /// The entry that asked for it, and the last one that the content includes.
    public let index: LogIndex
    /// As given in that entry.
    public let verifyID: UInt64
    public let transactions: Int
    public let idempotencyKeys: Int
    /// SHA-256 over all rows of all tables (`LedgerTable`), each in its order, in PostgreSQL's binary COPY format; 64
    /// hexadecimal digits.
    public let sha256: String

    public init(index: LogIndex, verifyID: UInt64, transactions: Int, idempotencyKeys: Int, sha256: String) {
        self.index = index
        self.verifyID = verifyID
        self.transactions = transactions
        self.idempotencyKeys = idempotencyKeys
        self.sha256 = sha256
    }
}

/// A database at one index, held still by a snapshot.
struct DigestSnapshot {
    let index: LogIndex
    let verifyID: UInt64
    let connection: PostgresConnection

    /// Reads all of it. Takes as long as reading the tables does.
    func digest() throws(PostgresError) -> ContentDigest {
        let hash = SHA256Stream()
        var rows: [LedgerTable: Int] = [:]
        for table in LedgerTable.allCases {
            rows[table] = try connection.copyOut(
                """
                COPY (SELECT \(table.columnList) FROM \(table.rawValue) ORDER BY \(table.order)) TO STDOUT (FORMAT binary)
                """
            ) { hash.update($0) }
        }
        try connection.rollBack()
        return ContentDigest(
            index: index, verifyID: verifyID, transactions: rows[.transactions]!,
            idempotencyKeys: rows[.idempotencyKeys]!, sha256: hash.finish().description)
    }
}
