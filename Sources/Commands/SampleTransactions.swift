import NIOCore

/// Made-up payments for load: plausible, small, never the same twice.
struct SampleTransactions {
    private static let places: [StaticString] = [
        "Berlin, DE", "Hamburg, DE", "Lyon, FR", "Paris, FR", "Madrid, ES", "Porto, PT", "Wien, AT", "Gent, BE",
    ]
    /// So many that at full load each pays now and then, as people do, and few payments are suspicious.
    static let users = 150_000
    private static let merchants = 4_000

    /// Where a payment's id comes from.
    enum Identity {
        /// From the node that takes it.
        case none
        /// One that nothing else has: the payment can be sent again, and is never made up again.
        case random(milliseconds: Int64)
        /// The one that belongs to this content: it is the same whenever the payment is made up.
        case derived(milliseconds: Int64, content: String)
    }

    private let users: Int
    private var state: UInt64

    /// The same seed gives the same payments.
    init(seed: UInt64 = .random(in: 0...(.max)), users: Int = SampleTransactions.users) {
        precondition(users > 0, "somebody has to pay")
        state = seed
        self.users = users
    }

    /// Writes one as a line of JSON, and gives the number of its user.
    @discardableResult
    mutating func write(_ identity: Identity = .none, into buffer: inout ByteBuffer) -> Int {
        let random = next()
        let user = Int(random % UInt64(users))
        let merchant = Int((random >> 16) % UInt64(Self.merchants))
        // Most payments are small: the product of two even draws.
        let cents = 100 + Int((random >> 32) & 0xFF) * Int((random >> 40) & 0x3F)
        buffer.writeStaticString("{")
        switch identity {
        case .none: break
        case .random(let milliseconds):
            buffer.writeStaticString("\"transaction_id\":\"")
            ClientTransactionID.writeRandom(milliseconds: milliseconds, into: &buffer)
            buffer.writeStaticString("\",")
        case .derived(let milliseconds, let content):
            buffer.writeStaticString("\"transaction_id\":\"")
            ClientTransactionID.write(milliseconds: milliseconds, content: content.utf8, into: &buffer)
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
        return user
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
