import Detection
import Glibc

/// A user of the made-up world: habits, devices, and where they are.
struct Customer {
    let number: Int
    /// Position in `Country.all`.
    let home: Int
    let town: Int
    /// Natural logarithm of euros; drifts slowly.
    var logAmount: Double
    let logDeviation: Double
    /// Outings a day; an outing is one payment or a few.
    let outingsPerDay: Double
    let onlineShare: Double
    /// Hours by which this one's day is later than most people's.
    let hourShift: Double
    /// Of trying a shop outside the usual ones.
    let curiosity: Double
    /// Usual shops, the most visited first.
    var favourites: [Int]
    /// Where bills are paid to.
    var payees: [Int]
    var device: Int
    var secondDevice: Int?
    var journey: Journey?
    /// Nothing genuine happens before, because the user is on the way.
    var isTravellingUntil: Int64 = 0

    struct Journey {
        let country: Int
        let town: Int
        var daysLeft: Int
    }

    /// Where the user really is.
    var place: (country: Int, town: Int) { journey.map { ($0.country, $0.town) } ?? (home, town) }

    init(number: Int, market: Market, device: Int, random: inout SeededRandom) {
        self.number = number
        self.device = device
        home = random.skewed(below: Country.all.count)
        town = random.next(below: Country.all[home].towns.count)
        logAmount = random.normal(3.1, 0.5)
        logDeviation = random.uniform(0.4...0.75)
        outingsPerDay = min(3, exp(random.normal(-0.7, 0.6)))
        onlineShare = random.uniform(0.2...0.6)
        hourShift = random.normal(0, 1.5)
        curiosity = random.uniform(0.02...0.12)
        favourites = []
        payees = []
        let usual = random.uniform(8...18)
        for _ in 0..<usual { favourites.append(market.merchant(in: home, &random)) }
        for _ in 0..<random.uniform(2...4) { payees.append(market.payee(in: home, &random)) }
    }

    /// A new day: spending drifts, telephones are replaced, journeys begin and end.
    mutating func wake(at midnight: Int64, market: Market, nextDevice: inout Int, random: inout SeededRandom) {
        logAmount += random.normal(0, 0.008)
        if random.chance(1.0 / 150) {
            device = nextDevice
            nextDevice += 1
        }
        if secondDevice == nil, random.chance(1.0 / 300) {
            secondDevice = nextDevice
            nextDevice += 1
        }
        if random.chance(1.0 / 40) {
            favourites[random.next(below: favourites.count)] = market.merchant(in: home, &random)
        }
        if var current = journey {
            current.daysLeft -= 1
            journey = current.daysLeft > 0 ? current : nil
            if journey == nil { isTravellingUntil = midnight + hours(random.uniform(9.0...16.0)) }
        } else if random.chance(1.0 / 70) {
            let country = random.next(below: Country.all.count)
            if country != home {
                journey = Journey(
                    country: country, town: random.next(below: Country.all[country].towns.count),
                    daysLeft: random.uniform(2...9))
                isTravellingUntil = midnight + hours(random.uniform(9.0...16.0))
            }
        }
    }

    /// The device of an online payment.
    func usualDevice(_ random: inout SeededRandom) -> Int {
        if let secondDevice, random.chance(0.3) { return secondDevice }
        return device
    }

    /// Euros as this user usually spends, times `factor`.
    func euros(_ factor: Double, _ random: inout SeededRandom) -> Double {
        min(20_000, max(0.5, factor * exp(random.normal(logAmount, logDeviation))))
    }
}

/// Microseconds.
func minutes(_ number: Double) -> Int64 { Int64(number * 60) * 1_000_000 }
func hours(_ number: Double) -> Int64 { minutes(number * 60) }
