import CRdkafka

/// What went wrong between us and the brokers.
public struct KafkaError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Kind: Equatable, Sendable {
        /// A setting is not valid; `field` names it.
        case invalidConfiguration
        /// The producer's buffer stands above its high-water mark. The same record may be accepted a little later.
        case overloaded
        /// A record is larger than it may be.
        case tooLarge
        /// No broker can be reached.
        case unreachable
        /// The brokers did not answer, or did not acknowledge, in time.
        case timedOut
        case unknownTopic
        case unknownPartition
        /// The broker does not accept who we say we are, or TLS could not be agreed.
        case notAuthenticated
        /// We are known, but may not do this.
        case notAuthorized
        /// The partition does not hold the offset any more: retention has passed it.
        case offsetExpired
        /// The offset lies beyond the partition's end: the topic was made anew, or its end was lost.
        case offsetBeyondEnd
        /// The partition does not hold the offset, and which of the two it is could not be found out.
        case offsetOutOfRange
        /// The partition is not assigned to this consumer.
        case notAssigned
        /// Another member has taken this member's identity; this one has to stop.
        case fenced
        /// The client can't go on and has to be made anew.
        case fatal
        /// This side closed before the record was acknowledged.
        case closed
        /// Anything else that a broker answered or the library reports.
        case other
    }

    /// Whether a record that failed may stand in the topic nevertheless.
    public enum Persistence: Equatable, Sendable {
        /// It does not: sending it again cannot double it.
        case notPersisted
        /// Nobody knows: sending it again may double it.
        case possiblyPersisted
    }

    public var kind: Kind
    /// The library's name for it, such as `_MSG_TIMED_OUT`; nil for what this module found itself.
    public var code: String?
    /// The setting that is not valid, as it is named in the configuration.
    public var field: String?
    /// In plain words.
    public var message: String
    /// What the library or the broker adds, such as an address.
    public var detail: String?
    /// Only for records that were accepted, and then failed.
    public var persistence: Persistence?

    public init(
        _ kind: Kind, _ message: String, code: String? = nil, field: String? = nil, detail: String? = nil,
        persistence: Persistence? = nil
    ) {
        self.kind = kind
        self.message = message
        self.code = code
        self.field = field
        self.detail = detail
        self.persistence = persistence
    }

    /// The same may succeed later although nothing about it changes.
    public var isTemporary: Bool {
        switch kind {
        case .overloaded, .unreachable, .timedOut: true
        case .other: code.map(Self.temporaryCodes.contains) ?? false
        case .invalidConfiguration, .tooLarge, .unknownTopic, .unknownPartition, .notAuthenticated, .notAuthorized,
            .offsetExpired, .offsetBeyondEnd, .offsetOutOfRange, .notAssigned, .fenced, .fatal, .closed:
            false
        }
    }

    public var description: String {
        var text = "Kafka"
        if let code { text += " \(code)" }
        text += ": "
        if let field { text += "\(field): " }
        text += message
        if let detail { text += " (\(detail))" }
        if persistence == .possiblyPersisted { text += "; the record may have been stored nevertheless" }
        return text
    }

    static func invalid(_ field: String, _ message: String) -> KafkaError {
        KafkaError(.invalidConfiguration, message, field: field)
    }
}
