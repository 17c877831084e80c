import Detection
import Glibc

/// How long it takes until somebody says what a payment was.
///
/// Of the frauds a quarter is reported within a day (the issuer warns), most follow over days and weeks as users read
/// their statements, and some never are. Of the genuine payments a few are confirmed, because somebody asked.
enum LabelDelay {
    static let unreportedShare = 0.05
    static let confirmedShare = 0.03

    /// Microseconds; nil: never.
    static func draw(isFraud: Bool, _ random: inout SeededRandom) -> Int64? {
        guard isFraud else {
            return random.chance(confirmedShare) ? hours(random.uniform(4.0...72.0)) : nil
        }
        if random.chance(unreportedShare) { return nil }
        if random.chance(0.25) { return hours(random.uniform(1.0...24.0)) }
        return hours(24 * min(45, 4 * exp(random.normal(0, 0.8))))
    }
}
