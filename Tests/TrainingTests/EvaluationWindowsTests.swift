import Detection
import Foundation
import Testing
import Training

@Suite("Windows of an evaluation")
struct EvaluationWindowsTests {
    private static let day = CalendarDay.microseconds

    private func payment(_ day: Int, user: UInt64, fraud: Bool = false) -> LabelledPayment {
        let event = PaymentEvent(
            userKey: user, merchantKey: 1, amountMinor: 100, currency: CurrencyTag("EUR")!, minorUnitExponent: 2,
            occurredAtMicroseconds: Int64(day) * Self.day + 3)
        return LabelledPayment(event: event, isFraud: fraud, labelledAtMicroseconds: nil)
    }

    private func range(_ first: Int, _ last: Int) -> DayRange {
        DayRange(CalendarDay(number: first), CalendarDay(number: last))!
    }

    @Test("Days read and print as in a calendar, leap days included")
    func calendar() throws {
        #expect(CalendarDay("1970-01-01")?.number == 0)
        #expect(CalendarDay("2018-08-08")?.number == 17_751)
        for text in ["2018-08-08", "2020-02-29", "2000-12-31", "1999-01-01", "2026-03-01"] {
            #expect(CalendarDay(text)?.description == text)
        }
        for text in ["2019-02-29", "2018-13-01", "2018-00-01", "18-08-08", "2018-8-8", "", "2018-08-08T"] {
            #expect(CalendarDay(text) == nil, "\(text)")
        }
        #expect(DayRange("2018-08-08..2018-08-14")?.count == 7)
        #expect(DayRange("2018-08-14..2018-08-08") == nil)
        #expect(CalendarDay(atMicroseconds: Self.day - 1).number == 0)
        #expect(CalendarDay(atMicroseconds: Self.day).number == 1)
    }

    @Test("A test window that begins before the labels are there is refused")
    func tooEarly() {
        #expect(throws: TrainingError.self) {
            try EvaluationWindows(train: range(10, 16), delayDays: 7, test: range(23, 29))
        }
        #expect(throws: Never.self) {
            try EvaluationWindows(train: range(10, 16), delayDays: 7, test: range(24, 30))
        }
    }

    @Test("Users known as defrauded leave the test window, others stay until a fraud of theirs is known")
    func filter() throws {
        let windows = try EvaluationWindows(train: range(10, 16), delayDays: 7, test: range(24, 30))
        let payments = [
            payment(9, user: 1, fraud: true),  // before the training window: nobody asks
            payment(10, user: 2, fraud: true),  // in the training window
            payment(18, user: 3, fraud: true),  // known from day 26 on
            payment(24, user: 1), payment(24, user: 2), payment(24, user: 3, fraud: true), payment(24, user: 4),
            payment(25, user: 3), payment(26, user: 3), payment(27, user: 3), payment(31, user: 4),
        ]
        #expect(windows.judged(payments) == [3, 5, 6, 7])
    }

    @Test("The handbook's week keeps the 58,264 payments and 385 frauds of the book", .enabled(if: handbook != nil))
    func handbookWeek() throws {
        let folder = try #require(handbook)
        let payments = try PaymentDirectory.read(
            folder, labelDelayMicroseconds: 7 * CalendarDay.microseconds, vocabulary: .plain)
        let windows = try EvaluationWindows(
            train: DayRange("2018-07-25..2018-07-31")!, delayDays: 7, test: DayRange("2018-08-08..2018-08-14")!)
        let judged = windows.judged(payments)
        #expect(judged.count == 58_264)
        #expect(judged.count { payments[$0].isFraud } == 385)
    }
}

private let handbook = ProcessInfo.processInfo.environment["REDOUBT_HANDBOOK_DATA"]

@Suite("History in memory")
struct RecordedHistoryTests {
    private func payment(at time: Int64, label: Int64?, fraud: Bool = false) -> LabelledPayment {
        let event = PaymentEvent(
            userKey: 1, merchantKey: 1, amountMinor: 100, currency: CurrencyTag("EUR")!, minorUnitExponent: 2,
            occurredAtMicroseconds: time)
        return LabelledPayment(event: event, isFraud: fraud, labelledAtMicroseconds: label)
    }

    private func order(_ payments: [LabelledPayment]) -> [String] {
        var history = RecordedHistory(payments)
        var order: [String] = []
        while let item = history.next() {
            switch item {
            case .payment(_, let number): order.append("p\(number)")
            case .label(let label, let number): order.append("\(label.verdict == .fraud ? "f" : "g")\(number)")
            }
        }
        return order
    }

    @Test("A label comes before the first payment that is not earlier than it, late ones in the order of their times")
    func labels() {
        let payments = [
            payment(at: 0, label: 30, fraud: true), payment(at: 10, label: 20), payment(at: 20, label: nil),
            payment(at: 31, label: 99),
        ]
        #expect(order(payments) == ["p0", "p1", "g1", "p2", "f0", "p3"])
    }

    @Test("A label never comes before its own payment")
    func impatientLabel() {
        #expect(order([payment(at: 5, label: 1), payment(at: 6, label: 2)]) == ["p0", "g0", "p1"])
    }
}
