/// What became of each payment, put together from all tries of it.
struct PaymentFates {
    enum Fate { case acknowledged, unknown, refused }

    private(set) var fates: [String: Fate] = [:]
    private(set) var users: [String: String] = [:]
    /// Keys that never got an answer though they may have had their effect, by user: such a payment's id nobody knows.
    private(set) var namelessByUser: [String: Int] = [:]
    private(set) var idsByKey: [String: Set<String>] = [:]

    init(_ calls: [CallRecord]) {
        var doubtful: [String: String] = [:]
        for call in calls where call.isPayment || call.kind == .payInvalid {
            for (position, id) in call.transactions.enumerated() {
                fates[id] = Self.worst(fates[id], call.outcome)
                if let names = call.users, position < names.count { users[id] = names[position] }
            }
            guard call.kind == .payKeyed, let key = call.key else { continue }
            if call.outcome == .ok { idsByKey[key, default: []].formUnion(call.transactions) }
            if call.outcome == .unknown { doubtful[key] = call.users?.first ?? "" }
        }
        for (key, user) in doubtful where idsByKey[key] == nil { namelessByUser[user, default: 0] += 1 }
    }

    var nameless: Int { namelessByUser.values.reduce(0, +) }

    func count(_ fate: Fate) -> Int { fates.values.count { $0 == fate } }

    /// One try that was acknowledged decides; else one whose outcome is unknown leaves it open.
    private static func worst(_ fate: Fate?, _ outcome: CallRecord.Outcome) -> Fate {
        switch (fate, outcome) {
        case (.acknowledged, _), (_, .ok): .acknowledged
        case (.unknown, _), (_, .unknown): .unknown
        default: .refused
        }
    }
}
