import Generator
import Training

/// What `redoubt evaluate --generated` measures on: twelve weeks of 3,000 made-up users. Five weeks fill the profiles, four
/// are learnt from, one passes until most labels are there, and two are judged.
struct GeneratedEvaluation {
    let payments: [LabelledPayment]
    let windows: EvaluationWindows

    static let users = 3_000
    static let days = 84

    init(seed: UInt64) {
        var generator = PaymentGenerator(options: GeneratorOptions(seed: seed, users: Self.users))
        payments = (0..<Self.days).flatMap { _ in generator.nextDay() }.map(LabelledPayment.init)
        let first = CalendarDay(atMicroseconds: generator.options.startMicroseconds)
        guard let train = DayRange(first.advanced(by: 35), first.advanced(by: 62)),
            let test = DayRange(first.advanced(by: 70), first.advanced(by: 83)),
            let windows = try? EvaluationWindows(train: train, delayDays: 7, test: test)
        else { preconditionFailure("windows in order") }
        self.windows = windows
    }
}

extension LabelledPayment {
    init(_ payment: GeneratedPayment) {
        self.init(
            event: payment.event, isFraud: payment.isFraud, labelledAtMicroseconds: payment.labelledAtMicroseconds)
    }
}
