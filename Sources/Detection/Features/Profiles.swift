/// The profiles of all remembered users and merchants, bounded; see `GenerationalMap` for who is forgotten.
///
/// A user takes at most `UserProfile.byteCount` + `overheadBytes` bytes (2.3 KB), a merchant `MerchantProfile.byteCount` +
/// as many (1.5 KB); one that stands in both generations counts twice against the capacity. `bench detect` measures it.
public struct Profiles: Sendable {
    /// Bytes of a user or a merchant beside its block, at most: its header, the map's entry at the map's emptiest, what an
    /// allocator rounds up.
    public static let overheadBytes = 400

    package internal(set) var users: GenerationalMap<UInt64, UserProfile>
    package internal(set) var merchants: GenerationalMap<UInt64, MerchantProfile>

    /// How to take back one fold.
    public struct Undo: Sendable {
        var user: GenerationalMap<UInt64, UserProfile>.Undo?
        var merchant: GenerationalMap<UInt64, MerchantProfile>.Undo
    }

    /// At most `users` users and `merchants` merchants, each of which must be at least 2.
    public init(users: Int, merchants: Int) {
        self.users = GenerationalMap(capacity: users)
        self.merchants = GenerationalMap(capacity: merchants)
    }

    /// As many merchants as users.
    public init(capacity: Int) { self.init(users: capacity, merchants: capacity) }

    /// Users remembered (one that moved between generations may count twice).
    public var count: Int { users.count }
    public var merchantCount: Int { merchants.count }

    public subscript(user key: UInt64) -> UserProfile? { users[key] }
    public subscript(merchant key: UInt64) -> MerchantProfile? { merchants[key] }

    /// What the profiles say of a payment before it is folded. Changes nothing.
    public func observe(_ event: PaymentEvent) -> Observation {
        observe(event, user: users[event.userKey], merchant: merchants[event.merchantKey])
    }

    /// As `observe`, for a caller that has looked the profiles up.
    public func observe(_ event: PaymentEvent, user: UserProfile?, merchant: MerchantProfile?) -> Observation {
        var features = FeatureVector()
        let moment = Moment(event.occurredAtMicroseconds)
        let euros = Float(event.amountEuros)
        Self.observePayment(event, moment, euros: euros, into: &features)
        var novelty = UserNovelty()
        if let user {
            novelty = user.state.observe(event, moment, euros: euros, into: &features)
        } else {
            UserState.observeStranger(event, euros: euros, into: &features)
        }
        if let merchant {
            merchant.state.observe(moment, euros: euros, into: &features)
        } else {
            MerchantState.observeStranger(into: &features)
        }
        return Observation(features: features, token: Token(features, novelty))
    }

    private static func observePayment(
        _ event: PaymentEvent, _ moment: Moment, euros: Float, into features: inout FeatureVector
    ) {
        let hour = moment.hourOfDay
        let weekday = moment.weekday
        features[.amount] = euros
        features[.hour] = Float(hour)
        features[.weekday] = Float(weekday)
        features[.isWeekend] = weekday >= 5 ? 1 : 0
        features[.isNight] = hour < 7 ? 1 : 0
        features[.channel] = Float(event.channel)
    }

    /// Takes a payment into the profiles of its user and its merchant, in place. `token` is that of its observation.
    public mutating func fold(_ event: PaymentEvent, _ token: Token) {
        let euros = event.amountEuros
        var isHigh = false
        users.update(event.userKey, default: UserProfile()) { profile in
            isHigh = profile.state.isHigh(euros: euros)
            profile.state.fold(event, euros: euros, isHigh: isHigh, token: token)
        }
        merchants.update(event.merchantKey, default: MerchantProfile()) { profile in
            profile.state.fold(event, euros: euros, isHigh: isHigh)
        }
    }

    /// As `fold` with the token of the event's observation.
    public mutating func fold(_ event: PaymentEvent) { fold(event, observe(event).token) }

    /// As `foldUndoably` with the token of the event's observation.
    public mutating func foldUndoably(_ event: PaymentEvent) -> Undo { foldUndoably(event, observe(event).token) }

    /// As `fold`, and tells how to undo it. Costs a copy of the two profiles.
    public mutating func foldUndoably(_ event: PaymentEvent, _ token: Token) -> Undo {
        let euros = event.amountEuros
        var user = users[event.userKey] ?? UserProfile()
        let isHigh = user.state.isHigh(euros: euros)
        user.state.fold(event, euros: euros, isHigh: isHigh, token: token)
        var merchant = merchants[event.merchantKey] ?? MerchantProfile()
        merchant.state.fold(event, euros: euros, isHigh: isHigh)
        return Undo(user: users.set(event.userKey, user), merchant: merchants.set(event.merchantKey, merchant))
    }

    /// Takes a label into the profiles of the payment's merchant and user. A user that is forgotten stays forgotten.
    public mutating func fold(_ label: LabelEvent) {
        let payment = label.payment
        let user = users[payment.userKey]
        let isExplained = Self.explains(user, payment)
        if label.touchesUser, user != nil {
            users.update(payment.userKey, default: UserProfile()) { $0.state.fold(label) }
        }
        merchants.update(payment.merchantKey, default: MerchantProfile()) {
            $0.state.fold(label, isExplained: isExplained)
        }
    }

    public mutating func foldUndoably(_ label: LabelEvent) -> Undo {
        let payment = label.payment
        var user = users[payment.userKey]
        var merchant = merchants[payment.merchantKey] ?? MerchantProfile()
        merchant.state.fold(label, isExplained: Self.explains(user, payment))
        var userUndo: GenerationalMap<UInt64, UserProfile>.Undo?
        if label.touchesUser, user != nil {
            user!.state.fold(label)
            userUndo = users.set(payment.userKey, user!)
        }
        return Undo(user: userUndo, merchant: merchants.set(payment.merchantKey, merchant))
    }

    /// Takes back the latest undoable fold that has not been taken back yet.
    public mutating func undo(_ undo: Undo) {
        merchants.undo(undo.merchant)
        if let user = undo.user { users.undo(user) }
    }

    /// Whether a fraud's amount is out of the user's usual, so that it says little against the merchant.
    private static func explains(_ user: UserProfile?, _ payment: PaymentEvent) -> Bool {
        guard let user, let ratio = user.state.ratio(euros: payment.amountEuros) else { return false }
        return ratio >= UserProfile.explainingRatio
    }
}

extension LabelEvent {
    /// A genuine payment leaves nothing with its user.
    fileprivate var touchesUser: Bool { verdict == .fraud || previous == .fraud }
}
