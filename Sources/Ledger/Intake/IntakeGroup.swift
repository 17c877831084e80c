public import Security

/// A client's Idempotency-Key, blinded together with the client's subject: the ledger never sees the key itself.
public struct IdempotencyKey: Hashable, Sendable {
    public let digest: UInt128

    public init(digest: UInt128) { self.digest = digest }

    /// The key that `subject` sent; the same text from another subject is another key.
    public init(subject: String, key: String, _ blindIndex: BlindIndex) {
        // The length before it keeps "ab" + "c" apart from "a" + "bc".
        digest = blindIndex.index128("\(subject.utf8.count):\(subject)\(key)", in: .idempotencyKey)
    }

    /// How long a key is honoured, counted in entry time from the entry that first carried it: 24 hours.
    public static let lifetimeMicroseconds: Int64 = 24 * 3600 * 1_000_000
}

/// A validated transaction on its way to the leader; its content is sealed.
public struct IntakeRecord: Sendable, Equatable {
    public let id: TransactionID
    /// Keyed hash of the plain content without the id: tells a repetition from another payment under the same id.
    public let fingerprint: UInt64
    public let userKey: UInt64
    public let occurredAtMicroseconds: Int64
    /// A sealed `TransactionBody`; the associated data are the id's 16 big-endian bytes.
    public let body: [UInt8]

    public init(id: TransactionID, fingerprint: UInt64, userKey: UInt64, occurredAtMicroseconds: Int64, body: [UInt8]) {
        self.id = id
        self.fingerprint = fingerprint
        self.userKey = userKey
        self.occurredAtMicroseconds = occurredAtMicroseconds
        self.body = body
    }
}

/// What one request brought, taken whole or not at all; or a stretch of a stream.
public struct IntakeGroup: Sendable, Equatable {
    public let key: IdempotencyKey?
    /// Keyed hash of the request's content, compared when the key comes again; zero without a key.
    public let keyFingerprint: UInt64
    /// At least one; of a stream, any number.
    public let records: [IntakeRecord]
    /// The ids may have been taken before: the client chose them, or the group is forwarded again.
    public var mayBeKnown: Bool
    /// Nil: a request brought it.
    public let stream: IntakeStream?

    public init(key: IdempotencyKey? = nil, keyFingerprint: UInt64 = 0, records: [IntakeRecord], mayBeKnown: Bool) {
        self.key = key
        self.keyFingerprint = keyFingerprint
        self.records = records
        self.mayBeKnown = mayBeKnown
        stream = nil
    }

    /// One offset of the stream for each record.
    public init(stream: IntakeStream, records: [IntakeRecord], mayBeKnown: Bool) {
        precondition(stream.offsets.count == records.count, "a record without an offset, or an offset of no record")
        key = nil
        keyFingerprint = 0
        self.records = records
        self.mayBeKnown = mayBeKnown
        self.stream = stream
    }
}
