import Bytes

/// What has become of an alert: of a payment that was decided otherwise than approve.
public enum AlertState: UInt8, Sendable, CaseIterable {
    /// Nobody has taken it up.
    case open = 0
    case assigned = 1
    /// It was fraud.
    case confirmed = 2
    /// It was not.
    case dismissed = 3

    /// As the API and the database spell it.
    public var name: String {
        switch self {
        case .open: "open"
        case .assigned: "assigned"
        case .confirmed: "confirmed"
        case .dismissed: "dismissed"
        }
    }

    public init?(name: some StringProtocol) {
        guard let state = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = state
    }
}

/// Where an alert stands.
public struct AlertStanding: Sendable, Equatable {
    public internal(set) var state: AlertState
    /// Who looks after it; stays when the alert is decided.
    public internal(set) var assignee: String?
    /// Reviews so far.
    public internal(set) var revision: UInt32
    /// The newest review's own number; nil: there was none.
    public internal(set) var lastReview: UInt128?

    public init(state: AlertState, assignee: String?, revision: UInt32, lastReview: UInt128?) {
        self.state = state
        self.assignee = assignee
        self.revision = revision
        self.lastReview = lastReview
    }

    /// Nobody has looked at it.
    public static let new = AlertStanding(state: .open, assignee: nil, revision: 0, lastReview: nil)

    /// As it stands after a review.
    func after(_ review: IntakeReview) -> AlertStanding {
        var standing = self
        switch review.action {
        case .assign(let assignee):
            standing.state = assignee == nil ? .open : .assigned
            standing.assignee = assignee
        case .confirm: standing.state = .confirmed
        case .dismiss: standing.state = .dismissed
        case .note: break
        }
        standing.revision += 1
        standing.lastReview = review.number
        return standing
    }
}

extension AlertStanding {
    static let minimumByteCount = 7

    func encode(into writer: inout ByteWriter) {
        writer.write(state.rawValue)
        writer.writeOptional(assignee)
        writer.write(revision)
        writer.write(UInt8(lastReview == nil ? 0 : 1))
        if let lastReview { writer.write(lastReview) }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        let number = try reader.read(UInt8.self)
        guard let state = AlertState(rawValue: number) else {
            throw MalformedBytes(offset: start, reason: "state \(number) of an alert is unknown")
        }
        let assignee = try reader.readAssignee()
        let revision = try reader.read(UInt32.self)
        switch try reader.read(UInt8.self) {
        case 0: self.init(state: state, assignee: assignee, revision: revision, lastReview: nil)
        case 1: self.init(state: state, assignee: assignee, revision: revision, lastReview: try reader.read())
        default: throw MalformedBytes(offset: start, reason: "unknown flags of an alert")
        }
    }
}

extension ByteWriter {
    mutating func writeOptional(_ text: String?) {
        write(UInt8(text == nil ? 0 : 1))
        if let text { writeString(text) }
    }
}

extension ByteReader {
    mutating func readAssignee() throws(MalformedBytes) -> String? {
        let start = offset
        switch try read(UInt8.self) {
        case 0: return nil
        case 1:
            let assignee = try readString()
            guard IntakeReview.isValid(assignee: assignee) else {
                throw MalformedBytes(offset: start, reason: "an assignee of \(assignee.utf8.count) bytes")
            }
            return assignee
        default: throw MalformedBytes(offset: start, reason: "neither there nor not there")
        }
    }
}
