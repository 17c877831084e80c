import Generator
import NIOCore
import Training

/// Made-up payments, one batch after another, as bodies of requests. Remembers the labels that arrive by the end.
final class SimulatedSource: ReplayRows {
    private var generator: PaymentGenerator
    private let options: GeneratorOptions
    private let days: Int
    private var day = 0
    private var payments: ArraySlice<GeneratedPayment> = []
    private(set) var rows = 0
    private(set) var labels: [Label] = []

    /// What became known of one payment.
    struct Label {
        let number: Int
        let milliseconds: Int64
        let isFraud: Bool
        let labelledAtMicroseconds: Int64
    }

    init(options: GeneratorOptions, days: Int) {
        self.options = options
        self.days = days
        generator = PaymentGenerator(options: options)
    }

    var fraction: Double { Double(day) / Double(days) }

    func next(_ count: Int, into body: inout ByteBuffer) -> Int {
        var taken = 0
        while taken < count {
            guard let payment = payments.popFirst() else {
                guard day < days else { break }
                payments = generator.nextDay()[...]
                day += 1
                continue
            }
            write(payment, into: &body)
            taken += 1
            rows += 1
        }
        return taken
    }

    private func write(_ payment: GeneratedPayment, into body: inout ByteBuffer) {
        let milliseconds = payment.occurredAtMicroseconds / 1_000
        body.writeStaticString("{\"transaction_id\":\"")
        Self.writeID(payment.number, milliseconds, seed: options.seed, into: &body)
        let euros = String(payment.amountMinor / 100)
        let cents = String(payment.amountMinor % 100)
        body.writeString(
            "\",\"user_id\":\"\(payment.userID)\",\"amount\":\(euros).\(cents.utf8.count == 1 ? "0" : "")\(cents),"
                + "\"currency\":\"\(payment.currency)\",\"merchant\":\"shop \(payment.merchant)\","
                + "\"merchant_id\":\"\(payment.merchantID)\",\"location\":\"\(payment.location)\","
                + "\"channel\":\"\(payment.channel.name)\",")
        if let device = payment.deviceID { body.writeString("\"device_id\":\"\(device)\",") }
        body.writeString("\"occurred_at\":\"\(Timestamp.text(atMicroseconds: payment.occurredAtMicroseconds))\"}\n")
        let end = options.startMicroseconds + Int64(days) * CalendarDay.microseconds
        if let time = payment.labelledAtMicroseconds, time <= end {
            labels.append(
                Label(
                    number: payment.number, milliseconds: milliseconds, isFraud: payment.isFraud,
                    labelledAtMicroseconds: time))
        }
    }

    func write(_ label: Label, into body: inout ByteBuffer) {
        body.writeStaticString("{\"transaction_id\":\"")
        Self.writeID(label.number, label.milliseconds, seed: options.seed, into: &body)
        body.writeString(
            "\",\"label\":\"\(label.isFraud ? "fraud" : "legitimate")\",\"source\":\"simulate\",\"labelled_at\":\""
                + "\(Timestamp.text(atMicroseconds: label.labelledAtMicroseconds))\"}\n")
    }

    /// The same payment has the same id whenever it is made up.
    private static func writeID(_ number: Int, _ milliseconds: Int64, seed: UInt64, into body: inout ByteBuffer) {
        ClientTransactionID.write(
            milliseconds: milliseconds, content: "simulate,\(seed),\(number)".utf8, into: &body)
    }
}

/// The labels of made-up payments, in the order of their arrival, once the payments have been given out.
final class SimulatedLabels: ReplayRows {
    private let source: SimulatedSource
    private var labels: [SimulatedSource.Label]?
    private(set) var rows = 0

    init(source: SimulatedSource) { self.source = source }

    var fraction: Double { Double(rows) / Double(max(1, labels?.count ?? 1)) }

    func next(_ count: Int, into body: inout ByteBuffer) -> Int {
        let all = labels ?? source.labels.sorted { $0.labelledAtMicroseconds < $1.labelledAtMicroseconds }
        labels = all
        let end = min(rows + count, all.count)
        for label in all[rows..<end] { source.write(label, into: &body) }
        defer { rows = end }
        return end - rows
    }
}
