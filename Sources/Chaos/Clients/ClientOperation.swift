/// What a client wants, whichever node does it, however often it is tried.
struct ClientOperation: Sendable {
    let number: Int
    let kind: CallRecord.Kind
    let method: String
    let path: String
    let body: String?
    var key: String?
    var transactions: [String] = []
    var users: [String]?
    /// What a label writes.
    var value: String?
    /// Asks for the decision.
    var waits = false

    /// With Kafka its way is through the topic: neither key nor decision is asked for.
    var goesThroughBrokers: Bool { (kind == .pay || kind == .batch) && key == nil && !waits }

    var contentType: String? {
        guard body != nil else { return nil }
        return kind == .batch ? "application/x-ndjson" : "application/json"
    }

    static func pay(_ payment: Payment, number: Int, key: String? = nil, invalid: Bool = false) -> ClientOperation {
        ClientOperation(
            number: number, kind: invalid ? .payInvalid : payment.id == nil ? .payKeyed : .pay, method: "POST",
            path: "/transactions", body: payment.json, key: key, transactions: [payment.id].compactMap(\.self),
            users: [payment.user])
    }

    static func batch(_ payments: [Payment], number: Int) -> ClientOperation {
        ClientOperation(
            number: number, kind: .batch, method: "POST", path: "/transactions/batch",
            body: payments.map(\.json).joined(separator: "\n") + "\n", transactions: payments.compactMap(\.id),
            users: payments.map(\.user))
    }

    static func label(_ transaction: String, verdict: String, source: String, number: Int) -> ClientOperation {
        ClientOperation(
            number: number, kind: .label, method: "POST", path: "/transactions/\(transaction)/label",
            body: "{\"label\":\"\(verdict)\",\"source\":\"\(source)\"}", transactions: [transaction],
            value: "\(verdict):\(source)")
    }

    static func read(_ transaction: String, local: Bool, number: Int) -> ClientOperation {
        ClientOperation(
            number: number, kind: local ? .readLocal : .read, method: "GET",
            path: "/transactions/\(transaction)?consistency=\(local ? "local" : "linearizable")", body: nil,
            transactions: [transaction])
    }
}
