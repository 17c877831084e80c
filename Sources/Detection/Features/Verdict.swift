/// What a payment turned out to be.
public enum Verdict: UInt8, Sendable, CaseIterable {
    case legitimate = 0
    case fraud = 1

    /// As the API and the database spell it.
    public var name: String {
        switch self {
        case .legitimate: "legitimate"
        case .fraud: "fraud"
        }
    }

    public init?(name: some StringProtocol) {
        guard let verdict = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = verdict
    }
}
