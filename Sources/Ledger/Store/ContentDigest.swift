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
    /// SHA-256 over all transactions by id, then all idempotency keys by key, in PostgreSQL's binary COPY format;
    /// 64 hexadecimal digits.
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
        let transactions = try connection.copyOut(
            """
            COPY (SELECT \(LedgerTable.transactions.columnList) FROM transactions ORDER BY id) TO STDOUT (FORMAT binary)
            """
        ) { hash.update($0) }
        let keys = try connection.copyOut(
            """
            COPY (SELECT \(LedgerTable.idempotencyKeys.columnList) FROM idempotency_keys ORDER BY key)
            TO STDOUT (FORMAT binary)
            """
        ) { hash.update($0) }
        try connection.rollBack()
        return ContentDigest(
            index: index, verifyID: verifyID, transactions: transactions, idempotencyKeys: keys,
            sha256: hash.finish().description)
    }
}
