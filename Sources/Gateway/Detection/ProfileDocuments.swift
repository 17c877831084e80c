import Detection
import Pipeline

/// What a node remembers of a user, as the API tells it.
struct UserProfileDocument: Encodable {
    let userID: String
    /// The log index that the profile includes at least.
    let logIndex: UInt64
    let payments: Int64
    let firstPaymentAt: String?
    let lastPaymentAt: String?
    /// Robust mean and largest amount, in about euros.
    let meanAmountEUR: Double
    let largestAmountEUR: Double
    /// Of log2 of the amounts.
    let logarithmMean: Double
    let logarithmDeviation: Double
    /// Those used last stand last.
    let countries: [String]
    let currencies: [String]
    /// That are remembered.
    let merchants: Int
    let devices: Int
    let knownFrauds: Int
    /// Payments that the transformer sees, and the digest of all that it ever saw: equal digests mean equal histories.
    let sequenceLength: Int
    let sequenceDigest: String

    init(_ userID: String, _ answer: ProfileAnswer<UserProfile>) {
        let profile = answer.profile
        self.userID = userID
        logIndex = answer.index
        payments = profile.count
        firstPaymentAt = profile.count > 0 ? RFC3339.text(profile.firstOccurredAtMicroseconds) : nil
        lastPaymentAt = profile.count > 0 ? RFC3339.text(profile.lastOccurredAtMicroseconds) : nil
        meanAmountEUR = profile.meanEuros
        largestAmountEUR = profile.largestEuros
        logarithmMean = profile.logarithmMean
        logarithmDeviation = profile.logarithmDeviation
        countries = profile.countries.map { "\($0)" }
        currencies = profile.currencies.map { "\($0)" }
        merchants = profile.merchantCount
        devices = profile.deviceCount
        knownFrauds = profile.knownFrauds
        sequenceLength = profile.sequence.length
        let digits = String(profile.sequence.digest, radix: 16)
        sequenceDigest = String(repeating: "0", count: 16 - digits.count) + digits
    }

    private enum CodingKeys: String, CodingKey {
        case payments, countries, currencies, merchants, devices
        case userID = "user_id"
        case logIndex = "log_index"
        case firstPaymentAt = "first_payment_at"
        case lastPaymentAt = "last_payment_at"
        case meanAmountEUR = "mean_amount_eur"
        case largestAmountEUR = "largest_amount_eur"
        case logarithmMean = "log2_amount_mean"
        case logarithmDeviation = "log2_amount_deviation"
        case knownFrauds = "known_frauds"
        case sequenceLength = "sequence_length"
        case sequenceDigest = "sequence_digest"
    }
}

/// What a node remembers of a merchant, as the API tells it.
struct MerchantProfileDocument: Encodable {
    /// The latest frauds by payment time, without one known to be genuine between them.
    struct Run: Encodable {
        let length: Int
        /// Those that their users' own behaviour does not explain.
        let unexplained: Int
        let startedAt: String?
        /// The latest payment before it that is known to be genuine.
        let lastGenuineAt: String?

        init(_ run: MerchantProfile.Run) {
            length = run.length
            unexplained = run.unexplained
            startedAt = run.length > 0 ? RFC3339.text(run.startMicroseconds) : nil
            lastGenuineAt = run.genuineMicroseconds.map(RFC3339.text)
        }

        private enum CodingKeys: String, CodingKey {
            case length, unexplained
            case startedAt = "started_at"
            case lastGenuineAt = "last_genuine_at"
        }
    }

    /// As it was asked for: an id, or a name.
    let merchant: String
    let logIndex: UInt64
    let payments: Int64
    let firstPaymentAt: String?
    let lastPaymentAt: String?
    /// Payments whose labels are remembered, and how many of them are frauds.
    let labelled: Int
    let knownFrauds: Int
    let lastLabelledPaymentAt: String?
    let run: Run

    init(_ merchant: String, _ answer: ProfileAnswer<MerchantProfile>) {
        let profile = answer.profile
        self.merchant = merchant
        logIndex = answer.index
        payments = profile.count
        firstPaymentAt = profile.count > 0 ? RFC3339.text(profile.firstOccurredAtMicroseconds) : nil
        lastPaymentAt = profile.count > 0 ? RFC3339.text(profile.lastOccurredAtMicroseconds) : nil
        labelled = profile.labelledCount
        knownFrauds = profile.knownFrauds
        lastLabelledPaymentAt = profile.lastLabelledAtMicroseconds.map(RFC3339.text)
        run = Run(profile.run)
    }

    private enum CodingKeys: String, CodingKey {
        case merchant, payments, labelled, run
        case logIndex = "log_index"
        case firstPaymentAt = "first_payment_at"
        case lastPaymentAt = "last_payment_at"
        case knownFrauds = "known_frauds"
        case lastLabelledPaymentAt = "last_labelled_payment_at"
    }
}
