import Detection

/// Turns "this user spends so much there now" into a payment: channel, device, place and currency follow from who and
/// where unless somebody says otherwise.
struct PaymentMaker {
    let market: Market

    /// What is unusual about a payment; nil: as usual.
    struct Twist {
        var device: Device?
        /// Position in `Country.all` of where it is made, whatever the merchant's country.
        var country: Int?
        var channel: GeneratedPayment.Channel?
        var pattern: FraudPattern?

        enum Device {
            case unknown
            case known(Int)
        }
    }

    /// `euros` are spent at a merchant of ordinary prices.
    func payment(
        by customer: Customer, to merchant: Int, euros: Double, at time: Int64, _ twist: Twist = Twist(),
        random: inout SeededRandom
    ) -> GeneratedPayment {
        let shop = market.merchants[merchant]
        let channel = twist.channel ?? channel(of: shop, &random)
        let place = place(of: customer, shop, channel, twist.country, &random)
        let money = Country.all[shop.country]
        let units = (euros * shop.priceLevel * money.unitsPerEuro * 100).rounded()
        return GeneratedPayment(
            user: customer.number, merchant: merchant,
            device: channel == .cardPresent ? nil : device(of: customer, twist.device, &random),
            country: place.country, town: place.town, currency: money.currency, amountMinor: max(10, Int64(units)),
            channel: channel, occurredAtMicroseconds: time / 1_000_000 * 1_000_000, pattern: twist.pattern,
            labelledAtMicroseconds: nil)
    }

    private func channel(of shop: Market.Merchant, _ random: inout SeededRandom) -> GeneratedPayment.Channel {
        guard shop.isOnline else { return .cardPresent }
        return random.chance(0.3) ? .mobile : .online
    }

    private func place(
        of customer: Customer, _ shop: Market.Merchant, _ channel: GeneratedPayment.Channel, _ country: Int?,
        _ random: inout SeededRandom
    ) -> (country: Int, town: Int) {
        let own = customer.place
        let country = country ?? (channel == .cardPresent ? shop.country : own.country)
        guard country != own.country || random.chance(0.05) else { return own }
        return (country, random.next(below: Country.all[country].towns.count))
    }

    private func device(of customer: Customer, _ device: Twist.Device?, _ random: inout SeededRandom) -> Int? {
        switch device {
        case .known(let number): number
        case .unknown: nil
        // Guests and old shops tell no device.
        case nil: random.chance(0.3) ? nil : customer.usualDevice(&random)
        }
    }
}
