import Detection

/// What frauds do to one user: a handful of payments in an order that gives them away.
struct Episode {
    let pattern: FraudPattern
    let maker: PaymentMaker

    /// The episode's payments, in order; those of the victim in between are genuine. `newDevice` is one nobody has used.
    func payments(
        of victim: Customer, from start: Int64, newDevice: Int, random: inout SeededRandom
    ) -> [GeneratedPayment] {
        var walk = Walk(customer: victim, maker: maker, time: start)
        switch pattern {
        case .testThenBurst: testThenBurst(&walk, &random)
        case .accountTakeover: accountTakeover(&walk, newDevice, &random)
        case .impossibleTravel: impossibleTravel(&walk, &random)
        case .newMerchantRun: newMerchantRun(&walk, &random)
        case .currencySwitch: currencySwitch(&walk, &random)
        case .muleChain: muleChain(&walk, &random)
        case .merchantCompromise: preconditionFailure("a merchant's frauds come from its genuine payments")
        }
        return walk.payments
    }

    private func twist(
        _ device: PaymentMaker.Twist.Device? = nil, country: Int? = nil, _ channel: GeneratedPayment.Channel? = nil
    ) -> PaymentMaker.Twist {
        .init(device: device, country: country, channel: channel, pattern: pattern)
    }

    private func testThenBurst(_ walk: inout Walk, _ random: inout SeededRandom) {
        for _ in 0..<random.uniform(2...4) {
            walk.paySmall(maker.market.onlineMerchant(&random), twist(random.chance(0.3) ? .unknown : nil), &random)
            walk.wait(1...6, &random)
        }
        walk.wait(5...45, &random)
        for _ in 0..<random.uniform(2...5) {
            walk.pay(
                maker.market.onlineMerchant(&random), random.uniform(1.5...4.5),
                twist(random.chance(0.3) ? .unknown : nil), &random)
            walk.wait(3...15, &random)
        }
    }

    private func accountTakeover(_ walk: inout Walk, _ newDevice: Int, _ random: inout SeededRandom) {
        walk.pay(
            random.element(of: walk.customer.favourites), random.uniform(0.6...1.2),
            twist(.known(newDevice), country: walk.customer.home, .online), &random)
        walk.wait(15...100, &random)
        var factor = random.uniform(0.9...1.4)
        for _ in 0..<random.uniform(2...5) {
            walk.pay(maker.market.onlineMerchant(&random), factor, twist(.known(newDevice), .online), &random)
            factor *= random.uniform(1.2...1.7)
            walk.wait(4...40, &random)
        }
    }

    private func impossibleTravel(_ walk: inout Walk, _ random: inout SeededRandom) {
        let home = walk.customer.home
        let abroad = (home + random.uniform(1...(Country.all.count - 1))) % Country.all.count
        for _ in 0..<random.uniform(2...3) {
            walk.pay(maker.market.merchant(in: home, &random), 1, .init(country: home, channel: .cardPresent), &random)
            walk.wait(15...80, &random)
            for _ in 0..<random.uniform(1...2) {
                walk.pay(
                    maker.market.anyMerchant(in: abroad, &random), random.uniform(0.7...2.6),
                    twist(country: abroad, .cardPresent), &random)
                walk.wait(5...40, &random)
            }
        }
    }

    private func newMerchantRun(_ walk: inout Walk, _ random: inout SeededRandom) {
        var euros = walk.customer.euros(random.uniform(0.4...0.9), &random)
        for _ in 0..<random.uniform(4...7) {
            walk.pay(
                maker.market.anyMerchant(in: walk.customer.home, &random), euros: euros, twist(), &random)
            euros *= random.uniform(1.15...1.5)
            walk.wait(3...18, &random)
        }
    }

    private func currencySwitch(_ walk: inout Walk, _ random: inout SeededRandom) {
        let home = walk.customer.home
        // Euro countries share a currency: the next one that does not.
        var abroad = (home + random.uniform(1...(Country.all.count - 1))) % Country.all.count
        while Country.all[abroad].currency == Country.all[home].currency { abroad = (abroad + 1) % Country.all.count }
        let offset = random.next(below: 2)
        for step in 0..<random.uniform(4...6) {
            let country = (step + offset).isMultiple(of: 2) ? home : abroad
            walk.pay(
                maker.market.anyMerchant(in: country, &random), random.uniform(0.6...2.4),
                twist(country: home, .online), &random)
            walk.wait(3...25, &random)
        }
    }

    private func muleChain(_ walk: inout Walk, _ random: inout SeededRandom) {
        var euros = walk.customer.euros(random.uniform(4.0...12.0), &random)
        for _ in 0..<random.uniform(3...6) {
            walk.pay(
                maker.market.payee(in: random.next(below: Country.all.count), &random), euros: euros,
                twist(nil, .transfer),
                &random)
            euros *= random.uniform(0.86...0.97)
            walk.wait(5...40, &random)
        }
    }
}
