import Detection
import Training

/// Histories in which a fraud shows in order alone: a payment is one if its amount is high and one of the three before
/// it was tiny.
enum MadeUpHistories {
    static func sequences(users: Int, payments: Int, seed: UInt64) -> [TrainingSequence] {
        var random = SeededRandom(seed: seed)
        return (0..<users).map { user in
            var sequence = TrainingSequence(user: UInt64(user))
            var amounts: [Int8] = []
            for payment in 0..<payments {
                var token = Token.zero
                for field in 0..<16 { token[field] = Int8(random.next(below: 40)) }
                for field in TokenField.allCases {
                    if let categories = field.categories {
                        token[field.rawValue] = Int8(random.next(below: categories))
                    }
                }
                let amount = Int8(random.next(below: 200) - 100)
                token[TokenField.amountRatio.rawValue] = amount
                let isFraud = amount > 40 && amounts.suffix(3).contains { $0 < -60 }
                amounts.append(amount)
                let isKnown = payment >= 8 && random.next(below: 10) > 0
                sequence.append(token, isKnown ? (isFraud ? .fraud : .genuine) : .unknown)
            }
            return sequence
        }
    }
}
