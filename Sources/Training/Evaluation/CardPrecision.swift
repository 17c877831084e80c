import Detection

/// Card precision at k ("CP@100" in the Fraud Detection Handbook, chapter 4.5): how many of the k cards an investigator
/// looks at each day are compromised ones.
///
/// A card's score on a day is the highest of its payments of that day, and it is compromised on that day if one of those
/// is a fraud. A compromised card among the k highest is found out and leaves the following days. The result is the
/// mean over the days that have payments.
public struct CardPrecision: Sendable {
    public struct Payment: Sendable {
        public let day: Int
        public let card: UInt64
        public let score: Float
        public let isFraud: Bool

        public init(day: Int, card: UInt64, score: Float, isFraud: Bool) {
            self.day = day
            self.card = card
            self.score = score
            self.isFraud = isFraud
        }
    }

    private struct Card {
        var score: Float
        var isCompromised: Bool
    }

    /// 0...1; zero without payments. Cards of equal score stand in an order drawn from their keys and the day, the same
    /// every time, which favours none.
    public static func mean(of payments: [Payment], top count: Int) -> Double {
        precondition(count > 0, "someone looks at one card at least")
        var byDay: [Int: [Payment]] = [:]
        for payment in payments { byDay[payment.day, default: []].append(payment) }
        var found: Set<UInt64> = []
        var sum = 0.0
        for day in byDay.keys.sorted() {
            let cards = cards(of: byDay[day] ?? [], without: found)
            let ranked = cards.sorted { left, right in
                if left.value.score != right.value.score { return left.value.score > right.value.score }
                return draw(left.key, day) < draw(right.key, day)
            }
            let compromised = ranked.prefix(count).filter(\.value.isCompromised)
            sum += Double(compromised.count) / Double(count)
            found.formUnion(compromised.map(\.key))
        }
        return byDay.isEmpty ? 0 : sum / Double(byDay.count)
    }

    private static func cards(of payments: [Payment], without found: Set<UInt64>) -> [UInt64: Card] {
        var cards: [UInt64: Card] = [:]
        for payment in payments where !found.contains(payment.card) {
            var card = cards[payment.card] ?? Card(score: payment.score, isCompromised: false)
            card.score = max(card.score, payment.score)
            card.isCompromised = card.isCompromised || payment.isFraud
            cards[payment.card] = card
        }
        return cards
    }

    private static func draw(_ card: UInt64, _ day: Int) -> UInt64 {
        var random = SeededRandom(seed: card, stream: UInt64(bitPattern: Int64(day)))
        return random.next()
    }
}
