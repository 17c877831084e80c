import Ledger
import NIOCore
import Pipeline

/// The bodies of requests about rules: YAML as it is, or a JSON object with the YAML in the field "rules".
struct RuleRequests {
    static let maxBodyBytes = 512 * 1024
    static let maxCommentBytes = 512
    static let yaml = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain"]

    /// YAML; nil: none was sent.
    private(set) var text: String?
    private(set) var comment: String?
    private(set) var version: UInt64?
    private(set) var asTheyWere = false
    private(set) var fromMicroseconds: Int64?
    private(set) var toMicroseconds: Int64?

    /// What a body may hold beside the rules.
    enum Extra {
        case none, comment, backtest
    }

    init(_ body: ByteBuffer, isJSON: Bool, _ parameters: QueryParameters, _ extra: Extra) throws(Problem) {
        if extra == .comment { comment = parameters["comment"] }
        if extra == .backtest {
            try takeVersion(parameters["version"])
            fromMicroseconds = try parameters.time("from")
            toMicroseconds = try parameters.time("to")
        }
        if isJSON {
            try readJSON(body, extra)
        } else if body.readableBytes > 0 {
            guard let text = String(validating: body.readableBytesView, as: UTF8.self) else {
                throw Problem(.malformedDocument, "the rules are not UTF-8")
            }
            self.text = text
        }
        guard comment?.utf8.count ?? 0 <= Self.maxCommentBytes else {
            throw .invalid("comment", "must have at most \(Self.maxCommentBytes) bytes")
        }
        if let fromMicroseconds, let toMicroseconds, fromMicroseconds >= toMicroseconds {
            throw .invalid("to", "must be later than \"from\"")
        }
        guard text == nil || (version == nil && !asTheyWere) else {
            throw .invalid("version", "and rules of its own exclude each other")
        }
    }

    /// The rules, which must have been sent.
    func requiredText() throws(Problem) -> String {
        guard let text, !text.isEmpty else {
            throw Problem(.malformedDocument, "the body must hold rules in YAML")
        }
        return text
    }

    private mutating func takeVersion(_ text: String?) throws(Problem) {
        guard let text else { return }
        if text == "as-they-were" { return asTheyWere = true }
        guard let number = QueryParameters.digits(text) else {
            throw .invalid("version", "must be a version's number or \"as-they-were\"")
        }
        version = number
    }

    private mutating func readJSON(_ body: ByteBuffer, _ extra: Extra) throws(Problem) {
        var fields: DocumentFields
        do throws(TransactionParserError) {
            fields = DocumentFields(
                try body.withUnsafeReadableBytes { bytes throws(TransactionParserError) in
                    try StrictDocument.read(bytes, maxBytes: Self.maxBodyBytes)
                })
        } catch {
            throw Problem(error)
        }
        text = extra == .backtest ? fields.optionalString("rules") : fields.string("rules")
        if extra == .comment { comment = fields.optionalString("comment") ?? comment }
        if extra == .backtest {
            version = fields.optionalInteger("version", in: 0...UInt64.max) ?? version
            asTheyWere = fields.optionalBoolean("as_they_were") ?? asTheyWere
            fromMicroseconds = fields.optionalTime("from") ?? fromMicroseconds
            toMicroseconds = fields.optionalTime("to") ?? toMicroseconds
        }
        try fields.finish()
    }
}
