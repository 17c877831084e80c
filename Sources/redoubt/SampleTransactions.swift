import NIOCore

/// Made-up payments for load: plausible, small, never the same twice.
struct SampleTransactions {
    private static let places: [StaticString] = [
        "Berlin, DE", "Hamburg, DE", "Lyon, FR", "Paris, FR", "Madrid, ES", "Porto, PT", "Wien, AT", "Gent, BE",
    ]
    /// So many that at full load each pays now and then, as people do, and few payments are suspicious.
    private static let users = 150_000
    private static let merchants = 4_000

    private var generator = SystemRandomNumberGenerator()
    private var state: UInt64

    init() {
        state = generator.next()
    }

    /// Writes one as a line of JSON. With `identified` it carries an id of its own, so that it can be sent again.
    mutating func write(identified: Bool = false, milliseconds: Int64 = 0, into buffer: inout ByteBuffer) {
        let random = next()
        let user = Int(random % UInt64(Self.users))
        let merchant = Int((random >> 16) % UInt64(Self.merchants))
        // Most payments are small: the product of two even draws.
        let cents = 100 + Int((random >> 32) & 0xFF) * Int((random >> 40) & 0x3F)
        buffer.writeStaticString("{")
        if identified {
            buffer.writeStaticString("\"transaction_id\":\"")
            ClientTransactionID.writeRandom(milliseconds: milliseconds, into: &buffer)
            buffer.writeStaticString("\",")
        }
        buffer.writeStaticString("\"user_id\":\"user-")
        Self.write(user, into: &buffer)
        buffer.writeStaticString("\",\"amount\":")
        Self.write(cents / 100, into: &buffer)
        buffer.writeStaticString(".")
        buffer.writeInteger(UInt8(ascii: "0") + UInt8(cents / 10 % 10))
        buffer.writeInteger(UInt8(ascii: "0") + UInt8(cents % 10))
        buffer.writeStaticString(",\"currency\":\"EUR\",\"merchant\":\"shop ")
        Self.write(merchant, into: &buffer)
        buffer.writeStaticString("\",\"merchant_id\":\"m")
        Self.write(merchant, into: &buffer)
        buffer.writeStaticString("\",\"location\":\"")
        // One payment in 64 is made away from home.
        let travel = (random >> 58) == 0 ? 1 + Int((random >> 54) & 0xF) : 0
        buffer.writeStaticString(Self.places[(user + travel) % Self.places.count])
        buffer.writeStaticString("\"}\n")
    }

    /// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a few instructions a draw.
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Decimal digits without a string.
    private static func write(_ number: Int, into buffer: inout ByteBuffer) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            buffer.writeInteger(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
