import COpenSSL
import Postgres
public import Raft

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
            COPY (
                SELECT id, log_index, accepted_at, occurred_at, user_key, decision, score, reasons, fingerprint, body
                FROM transactions ORDER BY id
            ) TO STDOUT (FORMAT binary)
            """
        ) { hash.update($0) }
        let keys = try connection.copyOut(
            """
            COPY (
                SELECT key, first_id, count, fingerprint, accepted_at FROM idempotency_keys ORDER BY key
            ) TO STDOUT (FORMAT binary)
            """
        ) { hash.update($0) }
        try connection.rollBack()
        return ContentDigest(
            index: index, verifyID: verifyID, transactions: transactions, idempotencyKeys: keys,
            sha256: hash.finish())
    }
}

/// SHA-256 of bytes that come in pieces.
private final class SHA256Stream {
    private let context: OpaquePointer

    init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("OpenSSL has no SHA-256")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "OpenSSL refused to hash")
    }

    /// 64 hexadecimal digits; the stream is used up.
    func finish() -> String {
        var hash = [UInt8](repeating: 0, count: 32)
        precondition(EVP_DigestFinal_ex(context, &hash, nil) == 1, "OpenSSL refused to hash")
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: hash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
