import Detection
import Glibc

/// All merchants, by country. A few payees of transfers in each country are merchants like others.
struct Market {
    struct Merchant {
        let country: Int
        let isOnline: Bool
        /// Dearer or cheaper than others: a factor.
        let priceLevel: Double
    }

    private(set) var merchants: [Merchant] = []
    private var byCountry: [[Int]]
    private var online: [Int] = []
    private var payees: [[Int]]

    init(count: Int, random: inout SeededRandom) {
        byCountry = Array(repeating: [], count: Country.all.count)
        payees = byCountry
        for number in 0..<count {
            // Every country has a payee and a shop, however small the world.
            let isPayee = number / Country.all.count % 8 == 1
            let isFirst = number < 2 * Country.all.count
            let country = isFirst ? number % Country.all.count : random.skewed(below: Country.all.count)
            let isOnline = !isFirst && random.chance(0.35)
            merchants.append(
                Merchant(country: country, isOnline: isOnline, priceLevel: exp(random.normal(0, 0.35))))
            if isPayee {
                payees[country].append(number)
            } else {
                byCountry[country].append(number)
                if isOnline { online.append(number) }
            }
        }
        if online.isEmpty { online = byCountry[0] }
    }

    func merchant(in country: Int, _ random: inout SeededRandom) -> Int {
        let all = byCountry[country]
        return all[random.skewed(below: all.count)]
    }

    /// Any of them is as likely as another: shops that nobody in particular goes to.
    func anyMerchant(in country: Int, _ random: inout SeededRandom) -> Int { random.element(of: byCountry[country]) }

    func onlineMerchant(_ random: inout SeededRandom) -> Int { random.element(of: online) }

    func payee(in country: Int, _ random: inout SeededRandom) -> Int { random.element(of: payees[country]) }
}
