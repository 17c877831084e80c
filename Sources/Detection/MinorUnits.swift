/// Minor units as decimal text.
public enum MinorUnits {
    /// "4210.00", or grouped "4,210.00"; `exponent` decimals. `units` is not negative.
    public static func text(_ units: Int64, exponent: UInt8, grouped: Bool) -> String {
        precondition(units >= 0, "money is counted from zero up")
        let scale = powersOfTen[Int(exponent)]
        let (whole, fraction) = units.quotientAndRemainder(dividingBy: scale)
        var text = grouped ? groupedByThousands(whole) : String(whole)
        if exponent > 0 {
            let digits = String(fraction)
            text += "." + String(repeating: "0", count: Int(exponent) - digits.utf8.count) + digits
        }
        return text
    }

    /// 10^0 ... 10^4: minor units in one unit of a currency with that exponent.
    package static let powersOfTen: [Int64] = [1, 10, 100, 1000, 10_000]

    private static func groupedByThousands(_ number: Int64) -> String {
        let digits = Array(String(number).utf8)
        var text: [UInt8] = []
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position).isMultiple(of: 3) { text.append(UInt8(ascii: ",")) }
            text.append(digit)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
