public import Bytes
import Detection

extension Command {
    private static let version: UInt8 = 1

    fileprivate enum Tag: UInt8 {
        case transactions = 1
        case verify = 2
        /// With the models that judged, and what they said of each record.
        case scoredTransactions = 3
        case labels = 4
        case change = 5
        /// With each record's token, and, if there are any, the models that judged and what they said. Those above are of
        /// earlier versions of the program.
        case observedTransactions = 6
        case stream = 7
        case reviews = 8
        case outbox = 9
    }

    /// The payload of a log entry.
    public func encode() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: encodedByteCountEstimate)
        writer.write(Self.version)
        switch self {
        case .transactions(let time, let groups, let models):
            let form = RecordForm(
                isObserved: groups.allSatisfy { $0.records.allSatisfy { $0.token != nil } }, isScored: models != .none)
            writer.write(Tag(form).rawValue)
            writer.write(time)
            if form.namesModels {
                writer.writeOptional(models.active?.rawValue)
                writer.writeOptional(models.shadow?.rawValue)
            }
            writer.write(UInt32(groups.count))
            for group in groups { group.encode(into: &writer, form) }
        case .verify(let time, let id):
            writer.write(Tag.verify.rawValue)
            writer.write(time)
            writer.write(id)
        case .labels(let time, let labels):
            writer.write(Tag.labels.rawValue)
            writer.write(time)
            writer.write(UInt32(labels.count))
            for label in labels { label.encode(into: &writer) }
        case .change(let time, let author, let change):
            writer.write(Tag.change.rawValue)
            writer.write(time)
            writer.writeString(author)
            change.encode(into: &writer)
        case .reviews(let time, let reviews):
            writer.write(Tag.reviews.rawValue)
            writer.write(time)
            writer.write(UInt32(reviews.count))
            for review in reviews { review.encode(into: &writer) }
        case .outbox(let time, let author, let changes):
            writer.write(Tag.outbox.rawValue)
            writer.write(time)
            writer.writeString(author)
            writer.write(UInt32(changes.count))
            for change in changes { change.encode(into: &writer) }
        case .stream(let time, let author, let change):
            writer.write(Tag.stream.rawValue)
            writer.write(time)
            writer.writeString(author)
            change.encode(into: &writer)
        }
        return writer.bytes
    }

    public static func decode(_ bytes: [UInt8]) throws(MalformedBytes) -> Command {
        try bytes.withUnsafeBufferPointer { bytes throws(MalformedBytes) in
            try decode(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Survives any bytes.
    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(MalformedBytes) -> Command {
        var reader = ByteReader(bytes)
        let version = try reader.read(UInt8.self)
        guard version == Self.version else { throw MalformedBytes(offset: 0, reason: "version \(version) is unknown") }
        let tag = Tag(rawValue: try reader.read())
        let time = try reader.read(Int64.self)
        let command: Command
        switch tag {
        case .transactions:
            command = .transactions(
                timeMicroseconds: time, groups: try readGroups(&reader, RecordForm(isObserved: false, isScored: false)))
        case .scoredTransactions, .observedTransactions:
            let active = try reader.readModelID()
            let models = JudgingModels(active: active, shadow: try reader.readModelID())
            let form = RecordForm(isObserved: tag == .observedTransactions, isScored: models != .none)
            guard form.namesModels else { throw MalformedBytes(offset: reader.offset, reason: "scores of no model") }
            command = .transactions(timeMicroseconds: time, groups: try readGroups(&reader, form), models: models)
        case .labels:
            let count = try reader.readCount(elementsOfAtLeast: LedgerLabel.minimumByteCount)
            var labels: [LedgerLabel] = []
            labels.reserveCapacity(count)
            for _ in 0..<count { labels.append(try LedgerLabel(from: &reader)) }
            command = .labels(timeMicroseconds: time, labels)
        case .change:
            let author = try reader.readAuthor()
            command = .change(timeMicroseconds: time, author: author, try RegistryChange(from: &reader))
        case .reviews:
            let count = try reader.readCount(elementsOfAtLeast: LedgerReview.minimumByteCount)
            var reviews: [LedgerReview] = []
            reviews.reserveCapacity(count)
            for _ in 0..<count { reviews.append(try LedgerReview(from: &reader)) }
            command = .reviews(timeMicroseconds: time, reviews)
        case .outbox:
            let author = try reader.readAuthor()
            let count = try reader.readCount(elementsOfAtLeast: OutboxChange.minimumByteCount)
            var changes: [OutboxChange] = []
            for _ in 0..<count { changes.append(try OutboxChange(from: &reader)) }
            command = .outbox(timeMicroseconds: time, author: author, changes)
        case .stream:
            let author = try reader.readAuthor()
            command = .stream(timeMicroseconds: time, author: author, try StreamChange(from: &reader))
        case .verify:
            command = .verify(timeMicroseconds: time, id: try reader.read())
        case nil:
            throw MalformedBytes(offset: 1, reason: "an unknown command")
        }
        guard reader.isAtEnd else {
            throw MalformedBytes(offset: reader.offset, reason: "\(reader.remaining) bytes too many")
        }
        return command
    }

    /// Of the author of a change.
    public static let maximumAuthorBytes = 255

    private static func readGroups(
        _ reader: inout ByteReader, _ form: RecordForm
    ) throws(MalformedBytes) -> [LedgerGroup] {
        let count = try reader.readCount(elementsOfAtLeast: LedgerGroup.minimumByteCount)
        var groups: [LedgerGroup] = []
        groups.reserveCapacity(count)
        for _ in 0..<count { groups.append(try LedgerGroup(from: &reader, form)) }
        return groups
    }

    private var encodedByteCountEstimate: Int {
        switch self {
        case .transactions(_, let groups, _):
            groups.reduce(64) { total, group in
                group.deadLetters.reduce(0) { $0 + 256 + $1.content.count }
                    + group.records.reduce(total + 128) {
                        $0 + LedgerRecord.minimumByteCount + 38 + $1.body.count + $1.reasons.count
                    }
            }
        case .labels(_, let labels):
            labels.reduce(64) { $0 + LedgerLabel.minimumByteCount + 96 + $1.body.count }
        case .change(_, _, let change): change.byteCount + 512
        case .stream: 1_024
        case .outbox(_, _, let changes): changes.reduce(512) { $0 + $1.byteCount }
        case .reviews(_, let reviews): reviews.reduce(64) { $0 + $1.byteCount }
        case .verify: 32
        }
    }
}

extension Command.Tag {
    fileprivate init(_ form: RecordForm) {
        self = form.isObserved ? .observedTransactions : form.isScored ? .scoredTransactions : .transactions
    }
}

/// What stands of each record in an entry.
struct RecordForm {
    let isObserved: Bool
    let isScored: Bool

    var namesModels: Bool { isObserved || isScored }
}

extension LedgerGroup {
    static let minimumByteCount = 5
    private static let hasKey: UInt8 = 1
    private static let hasSource: UInt8 = 2

    func encode(into writer: inout ByteWriter, _ form: RecordForm) {
        writer.write(source != nil ? Self.hasSource : key != nil ? Self.hasKey : 0)
        if let source {
            source.encode(into: &writer)
            writer.write(deadLetters)
        } else if let key {
            writer.write(key.key.digest)
            writer.write(key.fingerprint)
            writer.write(key.first.rawValue)
            writer.write(UInt32(key.count))
        }
        writer.write(UInt32(records.count))
        for record in records {
            record.encode(into: &writer, form)
        }
    }

    init(from reader: inout ByteReader, _ form: RecordForm) throws(MalformedBytes) {
        let start = reader.offset
        switch try reader.read(UInt8.self) {
        case 0:
            (key, source, deadLetters) = (nil, nil, [])
        case Self.hasSource:
            key = nil
            source = try StreamRange(from: &reader)
            deadLetters = try reader.readDeadLetters()
        case Self.hasKey:
            (source, deadLetters) = (nil, [])
            let digest = try reader.read(UInt128.self)
            let fingerprint = try reader.read(UInt64.self)
            let first = TransactionID(rawValue: try reader.read())
            key = LedgerKey(
                key: IdempotencyKey(digest: digest), fingerprint: fingerprint, first: first,
                count: Int(try reader.read(UInt32.self)))
        default:
            throw MalformedBytes(offset: start, reason: "unknown flags")
        }
        let count = try reader.readCount(elementsOfAtLeast: LedgerRecord.minimumByteCount)
        guard count > 0 || key != nil || source != nil else {
            throw MalformedBytes(offset: start, reason: "a group of nothing")
        }
        var records: [LedgerRecord] = []
        records.reserveCapacity(count)
        for _ in 0..<count { records.append(try LedgerRecord(from: &reader, form)) }
        self.records = records
    }
}

extension LedgerRecord {
    static let minimumByteCount = 50

    func encode(into writer: inout ByteWriter, _ form: RecordForm) {
        writer.write(id.rawValue)
        writer.write(fingerprint)
        writer.write(userKey)
        writer.write(occurredAtMicroseconds)
        writer.write(decision.rawValue)
        writer.write(score)
        ReasonsCodec.write(reasons, into: &writer)
        writer.writeBlock(body)
        if form.isObserved, let token { token.encode(into: &writer) }
        if form.isScored { scores.encode(into: &writer) }
    }

    init(from reader: inout ByteReader, _ form: RecordForm) throws(MalformedBytes) {
        id = TransactionID(rawValue: try reader.read())
        fingerprint = try reader.read()
        userKey = try reader.read()
        occurredAtMicroseconds = try reader.read()
        decision = try Decision(from: &reader)
        score = try readScore(&reader)
        reasons = try ReasonsCodec.read(&reader)
        body = [UInt8](try reader.readBlock())
        token = form.isObserved ? try Token(from: &reader) : nil
        scores = form.isScored ? try RecordScores(from: &reader) : .none
    }
}

extension ByteReader {
    /// Of a change, or of a review.
    package mutating func readAuthor() throws(MalformedBytes) -> String {
        let start = offset
        let author = try readString()
        guard author.utf8.count <= Command.maximumAuthorBytes else {
            throw MalformedBytes(offset: start, reason: "an author of \(author.utf8.count) bytes")
        }
        return author
    }
}

extension Token {
    fileprivate func encode(into writer: inout ByteWriter) { withUnsafeBytes(of: self) { writer.append($0) } }

    fileprivate init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        self = try reader.take(16).loadUnaligned(as: Token.self)
        guard min() > .min else { throw MalformedBytes(offset: start, reason: "a token that no payment has") }
    }
}
