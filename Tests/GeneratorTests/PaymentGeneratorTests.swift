import Detection
import Generator
import Testing

@Suite("Made-up payments")
struct PaymentGeneratorTests {
    private static let day: Int64 = 86_400_000_000

    private func payments(seed: UInt64, days: Int, users: Int = 500) -> [GeneratedPayment] {
        var generator = PaymentGenerator(options: GeneratorOptions(seed: seed, users: users))
        return (0..<days).flatMap { _ in generator.nextDay() }
    }

    @Test("A seed gives the same payments each time, another seed others")
    func seeds() {
        #expect(payments(seed: 3, days: 5) == payments(seed: 3, days: 5))
        #expect(payments(seed: 3, days: 5) != payments(seed: 4, days: 5))
    }

    @Test("Payments come by time, numbered, each on the day that was asked for")
    func order() {
        var generator = PaymentGenerator(options: GeneratorOptions(seed: 1, users: 300))
        var number = 0
        var last: Int64 = 0
        for day in 0..<6 {
            let start = generator.options.startMicroseconds + Int64(day) * Self.day
            for payment in generator.nextDay() {
                #expect(payment.number == number)
                #expect(payment.occurredAtMicroseconds >= max(last, start))
                #expect(payment.occurredAtMicroseconds < start + Self.day)
                number += 1
                last = payment.occurredAtMicroseconds
            }
        }
    }

    @Test("About one payment in a hundred is a fraud, and every pattern occurs")
    func frauds() {
        let all = payments(seed: 9, days: 40, users: 1500)
        let share = Double(all.count(where: \.isFraud)) / Double(all.count)
        #expect(0.004...0.025 ~= share, "share \(share)")
        for pattern in FraudPattern.allCases {
            #expect(all.contains { $0.pattern == pattern }, "\(pattern.name)")
        }
    }

    @Test("Most frauds are reported after hours to weeks, few are not, and most genuine payments never get a label")
    func labels() {
        let all = payments(seed: 2, days: 40, users: 1500)
        let frauds = all.filter(\.isFraud)
        let reported = frauds.filter { $0.labelledAtMicroseconds != nil }
        #expect(0.85...0.99 ~= Double(reported.count) / Double(frauds.count))
        let delays = reported.map { ($0.labelledAtMicroseconds ?? 0) - $0.occurredAtMicroseconds }.sorted()
        #expect(delays.allSatisfy { $0 > 0 })
        #expect(Self.day...(6 * Self.day) ~= delays[delays.count / 2])
        let genuine = all.filter { !$0.isFraud }
        let confirmed = genuine.count { $0.labelledAtMicroseconds != nil }
        #expect(0.01...0.06 ~= Double(confirmed) / Double(genuine.count))
    }

    @Test("Tests come before the burst, and the owner of a travelling card is at home")
    func patterns() {
        let frauds = payments(seed: 5, days: 40, users: 1500).filter(\.isFraud)
        let tests = Dictionary(grouping: frauds.filter { $0.pattern == .testThenBurst }, by: \.user)
        #expect(!tests.isEmpty)
        for (_, episode) in tests { #expect(episode.count >= 4) }
        let travels = frauds.filter { $0.pattern == .impossibleTravel }
        #expect(travels.allSatisfy { $0.channel == .cardPresent })
        let mules = frauds.filter { $0.pattern == .muleChain }
        #expect(mules.allSatisfy { $0.channel == .transfer })
    }

    @Test("A line of CSV has a field for each column of the header")
    func csv() {
        for payment in payments(seed: 7, days: 2) {
            let line = PaymentCSV.line(payment) { "\($0)" }
            #expect(
                line.split(separator: ",", omittingEmptySubsequences: false).count
                    == PaymentCSV.header.split(separator: ",").count)
        }
    }
}
