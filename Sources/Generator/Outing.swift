import Detection

/// What genuine users do. Each habit that resembles a fraud has the same payments in another order or at another pace.
enum Outing: CaseIterable {
    case single
    /// Several shops, known and unknown, one after another; the amounts come in any order.
    case shopping
    /// A large purchase, then small ones that belong to it.
    case largeThenSmall
    /// Parking, a coffee, a song.
    case small
    /// Transfers, most to known payees, in any order.
    case bills
    /// Foreign shops from the sofa, in one currency.
    case foreignOnline

    /// On a journey nobody does paperwork.
    static func draw(for customer: Customer, _ random: inout SeededRandom) -> Outing {
        let draw = random.nextUnit()
        switch draw {
        case ..<0.10: return .shopping
        case ..<0.17: return customer.journey == nil ? .largeThenSmall : .single
        case ..<0.24: return .small
        case ..<0.28: return customer.journey == nil ? .bills : .single
        case ..<0.32: return customer.journey == nil ? .foreignOnline : .single
        default: return .single
        }
    }

    /// The outing's payments, in order, the first at `start`.
    func payments(
        of customer: Customer, from start: Int64, maker: PaymentMaker, random: inout SeededRandom
    ) -> [GeneratedPayment] {
        var walk = Walk(customer: customer, maker: maker, time: start)
        switch self {
        case .single:
            let shop = walk.shop(&random)
            walk.pay(shop, 1, &random)
            // Now and then something was forgotten.
            if random.chance(0.04) {
                walk.wait(3...60, &random)
                walk.pay(shop, 0.7, &random)
            }
        case .shopping:
            for _ in 0..<random.uniform(2...6) {
                let shop =
                    random.chance(0.45)
                    ? walk.shop(&random) : maker.market.anyMerchant(in: customer.place.country, &random)
                walk.pay(shop, random.uniform(0.6...2.6), &random)
                walk.wait(3...18, &random)
            }
        case .largeThenSmall:
            for _ in 0..<random.uniform(1...3) {
                walk.pay(maker.market.onlineMerchant(&random), random.uniform(1.5...4.5), &random)
                walk.wait(3...15, &random)
            }
            walk.wait(5...45, &random)
            for _ in 0..<random.uniform(2...4) {
                walk.paySmall(maker.market.onlineMerchant(&random), &random)
                walk.wait(1...6, &random)
            }
        case .small:
            for _ in 0..<random.uniform(1...4) {
                walk.paySmall(
                    random.chance(0.5) ? maker.market.onlineMerchant(&random) : walk.shop(&random), &random)
                walk.wait(1...40, &random)
            }
        case .bills:
            for _ in 0..<random.uniform(1...5) {
                let payee =
                    random.chance(0.7)
                    ? random.element(of: customer.payees) : maker.market.payee(in: customer.home, &random)
                walk.pay(payee, random.uniform(1.0...12.0), .init(channel: .transfer), &random)
                walk.wait(3...40, &random)
            }
        case .foreignOnline:
            let country = random.next(below: Country.all.count)
            for _ in 0..<random.uniform(2...5) {
                walk.pay(
                    maker.market.anyMerchant(in: country, &random), random.uniform(0.6...2.0),
                    .init(country: customer.home, channel: .online), &random)
                walk.wait(3...25, &random)
            }
        }
        return walk.payments
    }
}

/// One user's payments one after another.
struct Walk {
    let customer: Customer
    let maker: PaymentMaker
    var time: Int64
    private(set) var payments: [GeneratedPayment] = []

    init(customer: Customer, maker: PaymentMaker, time: Int64) {
        self.customer = customer
        self.maker = maker
        self.time = time
    }

    /// A shop this user would go to.
    func shop(_ random: inout SeededRandom) -> Int {
        if customer.journey != nil { return maker.market.merchant(in: customer.place.country, &random) }
        if random.chance(customer.onlineShare * 0.3) { return maker.market.onlineMerchant(&random) }
        if random.chance(customer.curiosity) { return maker.market.merchant(in: customer.home, &random) }
        return customer.favourites[random.skewed(below: customer.favourites.count)]
    }

    /// Pays what this user usually pays, times `factor`.
    mutating func pay(_ merchant: Int, _ factor: Double, _ twist: PaymentMaker.Twist, _ random: inout SeededRandom) {
        let euros = customer.euros(factor, &random)
        payments.append(maker.payment(by: customer, to: merchant, euros: euros, at: time, twist, random: &random))
    }

    mutating func pay(_ merchant: Int, _ factor: Double, _ random: inout SeededRandom) {
        pay(merchant, factor, PaymentMaker.Twist(), &random)
    }

    /// Pays exactly so many euros at ordinary prices.
    mutating func pay(
        _ merchant: Int, euros: Double, _ twist: PaymentMaker.Twist, _ random: inout SeededRandom
    ) {
        payments.append(maker.payment(by: customer, to: merchant, euros: euros, at: time, twist, random: &random))
    }

    /// Half a euro to six.
    mutating func paySmall(_ merchant: Int, _ twist: PaymentMaker.Twist, _ random: inout SeededRandom) {
        pay(merchant, euros: random.uniform(0.5...6.0), twist, &random)
    }

    mutating func paySmall(_ merchant: Int, _ random: inout SeededRandom) {
        paySmall(merchant, PaymentMaker.Twist(), &random)
    }

    mutating func wait(_ range: ClosedRange<Double>, _ random: inout SeededRandom) {
        time += minutes(random.uniform(range))
    }
}
