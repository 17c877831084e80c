/// How large the made-up world is, when it begins, and how much fraud there is in it.
public struct GeneratorOptions: Sendable, Equatable {
    /// Equal options give equal payments.
    public var seed: UInt64
    /// 10...10,000,000; each costs about 400 bytes while payments are made.
    public var users: Int
    /// At least 100.
    public var merchants: Int
    /// Midnight UTC of the first day: microseconds since 1970, a multiple of a day.
    public var startMicroseconds: Int64
    /// Episodes of fraud for each thousand users a day. An episode is a handful of payments.
    public var episodesPerThousandUsers: Double

    /// Unless told otherwise: one merchant for eight users, and about one payment in a hundred a fraud.
    public init(
        seed: UInt64, users: Int = 2000, merchants: Int? = nil, startMicroseconds: Int64 = 1_735_689_600_000_000,
        episodesPerThousandUsers: Double = 2.2
    ) {
        precondition(10...10_000_000 ~= users, "a world has 10 to 10,000,000 users")
        precondition(startMicroseconds.isMultiple(of: 86_400_000_000), "a world begins at midnight")
        self.seed = seed
        self.users = users
        self.merchants = max(100, merchants ?? users / 8)
        self.startMicroseconds = startMicroseconds
        self.episodesPerThousandUsers = episodesPerThousandUsers
    }
}
