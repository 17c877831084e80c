/// A made-up payment.
struct Payment: Sendable {
    private static let places = ["Berlin, DE", "Lyon, FR", "Madrid, ES", "Porto, PT", "Wien, AT", "Gent, BE"]

    let id: String?
    let user: String
    /// With it the same payment has the same bytes whenever it is sent.
    let json: String

    /// - Parameter user: a small number of users have all payments, so that what their profiles count can be checked.
    /// - Parameter fault: makes it a payment that no node may take.
    init(id: String?, user: String, fault: Bool = false, using random: inout SeededRandom) {
        self.id = id
        self.user = user
        // Some are far too large, for alerts.
        let cents =
            random.oneIn(20)
            ? 900_000 + Int.random(in: 0..<99_999, using: &random)
            : 100 + Int.random(in: 0..<9_900, using: &random)
        let amount = "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
        let place = random.oneIn(16) ? Self.places.randomElement(using: &random)! : Self.places[0]
        let identity = id.map { "\"transaction_id\":\"\($0)\"," } ?? ""
        let shop = Int.random(in: 0..<50, using: &random)
        json =
            "{\(identity)\"user_id\":\"\(user)\",\"amount\":\"\(amount)\",\"currency\":\"\(fault ? "E!" : "EUR")\","
            + "\"merchant\":\"shop \(shop)\",\"merchant_id\":\"m\(shop)\",\"location\":\"\(place)\"}"
    }
}
