import Detection

/// Makes up payments, a day at a time and in the order of time: users with habits, devices, journeys and slowly drifting
/// spending, merchants, and frauds whose order and pace give them away.
///
/// Nothing in it comes from recorded payments. Equal options give equal payments. Memory grows with users, not with
/// days.
public struct PaymentGenerator: Sendable {
    public let options: GeneratorOptions
    private let maker: PaymentMaker
    private var customers: [Customer] = []
    private var random: SeededRandom
    private var nextDevice = 0
    private var day = 0
    private var number = 0
    /// Payments of outings that went on past midnight.
    private var carried: [GeneratedPayment] = []
    /// Merchants whose customers are charged again, and the day when that ends.
    private var compromised: [Int: Int] = [:]

    public init(options: GeneratorOptions) {
        self.options = options
        random = SeededRandom(seed: options.seed, stream: 0x6E6E)
        maker = PaymentMaker(market: Market(count: options.merchants, random: &random))
        customers.reserveCapacity(options.users)
        for number in 0..<options.users {
            customers.append(Customer(number: number, market: maker.market, device: number, random: &random))
        }
        nextDevice = options.users
    }

    /// The next day's payments by time, labels and all.
    public mutating func nextDay() -> [GeneratedPayment] {
        let midnight = options.startMicroseconds + Int64(day) * hours(24)
        breakIntoMerchants()
        var payments = carried
        for position in customers.indices {
            customers[position].wake(at: midnight, market: maker.market, nextDevice: &nextDevice, random: &random)
            payments += genuine(of: customers[position], midnight)
        }
        payments += frauds(midnight)
        let end = midnight + hours(24)
        carried = payments.filter { $0.occurredAtMicroseconds >= end }
        payments.removeAll { $0.occurredAtMicroseconds >= end }
        payments.sort { ($0.occurredAtMicroseconds, $0.user) < ($1.occurredAtMicroseconds, $1.user) }
        for position in payments.indices {
            payments[position].number = number
            number += 1
        }
        day += 1
        return payments
    }

    // MARK: - Genuine payments, and what compromised merchants add to them

    private mutating func genuine(of customer: Customer, _ midnight: Int64) -> [GeneratedPayment] {
        var payments: [GeneratedPayment] = []
        let isWeekend = (day + 3) % 7 >= 5
        let outings = random.poisson(customer.outingsPerDay * (isWeekend ? 1.15 : 0.95))
        for _ in 0..<outings {
            let start = midnight + Rhythm.timeOfDay(shiftedBy: customer.hourShift, &random)
            guard start >= customer.isTravellingUntil else { continue }
            payments += Outing.draw(for: customer, &random)
                .payments(of: customer, from: start, maker: maker, random: &random)
        }
        guard !compromised.isEmpty else { return payments.map { labelled($0) } }
        for payment in payments where compromised[payment.merchant] != nil && random.chance(0.35) {
            payments.append(again(payment))
        }
        return payments.map { labelled($0) }
    }

    /// The same merchant charges about the same once more.
    private mutating func again(_ payment: GeneratedPayment) -> GeneratedPayment {
        let factor = random.uniform(0.7...1.6)
        return GeneratedPayment(
            user: payment.user, merchant: payment.merchant, device: payment.device, country: payment.country,
            town: payment.town, currency: payment.currency,
            amountMinor: max(10, Int64(Double(payment.amountMinor) * factor)), channel: payment.channel,
            occurredAtMicroseconds: payment.occurredAtMicroseconds + minutes(random.uniform(3.0...240.0)) / 1_000_000
                * 1_000_000,
            pattern: .merchantCompromise, labelledAtMicroseconds: nil)
    }

    private mutating func breakIntoMerchants() {
        compromised = compromised.filter { $0.value > day }
        let expected = Double(options.users) / 2000 * options.episodesPerThousandUsers * 0.04
        for _ in 0..<random.poisson(expected) {
            let country = random.skewed(below: Country.all.count)
            compromised[maker.market.merchant(in: country, &random)] = day + random.uniform(5...14)
        }
    }

    // MARK: - Frauds against users

    private static let episodes: [FraudPattern] = FraudPattern.allCases.filter { $0 != .merchantCompromise }

    private mutating func frauds(_ midnight: Int64) -> [GeneratedPayment] {
        var payments: [GeneratedPayment] = []
        for _ in 0..<random.poisson(Double(options.users) / 1000 * options.episodesPerThousandUsers) {
            let victim = customers[random.next(below: customers.count)]
            let pattern = random.element(of: Self.episodes)
            // Somebody on a journey is no victim of a second place.
            guard pattern != .impossibleTravel || victim.journey == nil else { continue }
            let shift = victim.hourShift + (random.chance(0.25) ? 6 : 0)
            let start = midnight + Rhythm.timeOfDay(shiftedBy: shift, &random)
            if pattern == .accountTakeover { nextDevice += 1 }
            let episode = Episode(pattern: pattern, maker: maker)
            let made = episode.payments(of: victim, from: start, newDevice: nextDevice - 1, random: &random)
            payments += reportedTogether(made)
        }
        return payments
    }

    // MARK: - Labels

    private mutating func labelled(_ payment: GeneratedPayment) -> GeneratedPayment {
        var payment = payment
        payment.labelledAtMicroseconds = LabelDelay.draw(isFraud: payment.isFraud, &random)
            .map { payment.occurredAtMicroseconds + $0 / 1_000_000 * 1_000_000 }
        return payment
    }

    /// Whoever finds one fraud on a statement reports them all, counted from the last one; small ones are overlooked now
    /// and then.
    private mutating func reportedTogether(_ payments: [GeneratedPayment]) -> [GeneratedPayment] {
        guard let last = payments.last?.occurredAtMicroseconds else { return [] }
        let delay = LabelDelay.draw(isFraud: true, &random)
        var reported: [GeneratedPayment] = []
        for payment in payments {
            guard payment.isFraud else {
                reported.append(labelled(payment))
                continue
            }
            var payment = payment
            let isOverlooked = payment.amountMinor < 600 && random.chance(0.15)
            payment.labelledAtMicroseconds = isOverlooked ? nil : delay.map { last + $0 / 1_000_000 * 1_000_000 }
            reported.append(payment)
        }
        return reported
    }
}

/// When people pay: morning, noon, early evening, late evening.
enum Rhythm {
    private static let hoursOfDay = [9.0, 12.5, 17.5, 18.5, 20.5]

    /// Microseconds after midnight, 0 up to a day.
    static func timeOfDay(shiftedBy shift: Double, _ random: inout SeededRandom) -> Int64 {
        var hour = random.normal(random.element(of: hoursOfDay) + shift, 1.6)
        while hour < 0 { hour += 24 }
        while hour >= 24 { hour -= 24 }
        return min(hours(hour), hours(24) - 1_000_000)
    }
}
