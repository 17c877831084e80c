import Detection
import Foundation
import Generator
import Testing
import Training

@Suite("Made-up payments in a file")
struct GeneratedFileTests {
    /// Whole seconds as RFC 3339.
    private static func time(_ microseconds: Int64) -> String {
        let day = CalendarDay(atMicroseconds: microseconds)
        let seconds = Int((microseconds - day.startMicroseconds) / 1_000_000)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(day)T\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))Z"
    }

    @Test("are read back as they were made, their labels with them")
    func roundTrip() throws {
        var generator = PaymentGenerator(options: GeneratorOptions(seed: 5, users: 200))
        let made = (0..<5).flatMap { _ in generator.nextDay() }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Two files, the later one first by name: the folder is read in the order of time.
        for (name, part) in [("b.csv", made.prefix(300)), ("a.csv", made.dropFirst(300))] {
            let lines = [PaymentCSV.header] + part.map { PaymentCSV.line($0, time: Self.time) }
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appendingPathComponent(name))
        }
        let vocabulary = PaymentVocabulary(exponent: { _ in 2 }, channel: { PaymentChannel(name: $0)?.rawValue })
        let read = try PaymentDirectory.read(folder.path, labelDelayMicroseconds: 0, vocabulary: vocabulary)
        #expect(read.count == made.count)
        #expect(Set(read.map(\.event.userKey)).count == Set(made.map(\.user)).count)
        #expect(Set(read.map(\.event.merchantKey)).count == Set(made.map(\.merchant)).count)
        let times = read.map(\.event.occurredAtMicroseconds)
        #expect(times == times.sorted())
        func facts(_ event: PaymentEvent, _ isFraud: Bool, _ label: Int64?) -> String {
            "\(event.occurredAtMicroseconds) \(event.amountMinor) \(event.currency) \(event.country) \(event.channel) "
                + "\(event.deviceKey != 0) \(isFraud) \(label ?? 0)"
        }
        #expect(
            read.map { facts($0.event, $0.isFraud, $0.labelledAtMicroseconds) }.sorted()
                == made.map { facts($0.event, $0.isFraud, $0.labelledAtMicroseconds) }.sorted())
    }
}
