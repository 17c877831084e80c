import Detection
import Foundation
import Testing
import Training

@Suite("Files of labelled payments")
struct PaymentFileTests {
    private func read(_ text: String, delay: Int64 = 0) throws -> [LabelledPayment] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let vocabulary = PaymentVocabulary(
            exponent: { $0.description == "XXX" ? nil : $0.description == "JPY" ? 0 : 2 },
            channel: { $0 == "online" ? 2 : nil })
        return try PaymentFile.read(path, labelDelayMicroseconds: delay, vocabulary: vocabulary)
    }

    private let header = "tx_id,timestamp,customer_id,terminal_id,amount,is_fraud,scenario\n"

    @Test("The least columns give payments in euros whose labels come after the delay")
    func least() throws {
        let payments = try read(header + "0,2018-04-01T00:00:31Z,596,3156,57.1,1,3\n", delay: 5)
        let payment = try #require(payments.first)
        #expect(payment.event.amountMinor == 5710)
        #expect(payment.event.currency.description == "EUR")
        #expect(payment.event.occurredAtMicroseconds == 1_522_540_831_000_000)
        #expect(payment.labelledAtMicroseconds == 1_522_540_831_000_005)
        #expect(payment.isFraud)
        #expect(payment.event.deviceKey == 0)
    }

    @Test("The handbook's own names of columns do as well")
    func handbookNames() throws {
        let payments = try read(
            """
            TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_TIME_SECONDS,TX_FRAUD,TX_FRAUD_SCENARIO
            0,2018-04-01 00:00:31,596,3156,57.16,31,1,2
            """)
        #expect(payments.map(\.event.amountMinor) == [5716])
        #expect(payments.map(\.isFraud) == [true])
    }

    @Test("More columns give currency, country, device, channel and the label's own time")
    func more() throws {
        let payments = try read(
            """
            timestamp,customer_id,terminal_id,amount,is_fraud,currency,country,device_id,channel,labelled_at
            2018-04-01 00:00:31.25,a,b,1200,0,JPY,JP,d1,online,2018-04-02T00:00:00Z
            2018-04-01T00:00:32Z,a,c,3,1,EUR,,,,
            """)
        #expect(payments.count == 2)
        #expect(payments[0].event.amountMinor == 1200)
        #expect(payments[0].event.channel == 2)
        #expect(payments[0].event.country.description == "JP")
        #expect(payments[0].event.deviceKey != 0)
        #expect(payments[0].event.occurredAtMicroseconds % 1_000_000 == 250_000)
        #expect(payments[0].labelledAtMicroseconds == 1_522_627_200_000_000)
        #expect(payments[1].labelledAtMicroseconds == nil)
        #expect(payments[1].event.deviceKey == 0)
        #expect(payments[0].event.userKey == payments[1].event.userKey)
        #expect(payments[0].event.merchantKey != payments[1].event.merchantKey)
    }

    @Test(
        "What is wrong is told with the line and what it says",
        arguments: [
            ("0,2018-04-01T00:00:31Z,1,2,5.001,0,0", "line 2: amount '5.001'"),
            ("0,2018-04-01T00:00:31Z,1,2,-5,0,0", "amount '-5'"),
            ("0,2018-04-01T25:00:31Z,1,2,5,0,0", "timestamp"),
            ("0,2018-04-01T00:00:31Z,1,2,5,2,0", "is_fraud is '2'"),
            ("0,2018-04-01T00:00:31Z,,2,5,0,0", "customer_id"),
            ("0,2018-04-01T00:00:31Z,1,2,5", "5 fields where the header has 7"),
        ])
    func malformed(row: String, message: String) {
        let error = #expect(throws: TrainingError.self) { try read(header + row + "\n") }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    private func table(_ text: String) throws -> LabelledTable {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try LabelledTable(path: path)
    }

    @Test("A table's column named label tells the anomalies, wherever it stands")
    func labelledTable() throws {
        let table = try table("a,label,b\n1,0,2.5\n-3e-2,1,4\n")
        #expect(table.features.columns == ["a", "b"])
        #expect(table.features.values == [1, 2.5, -0.03, 4])
        #expect(table.isAnomaly == [false, true])
    }

    @Test("Spaces, quotes, carriage returns and labels like 1.0 don't matter in a table")
    func untidyTable() throws {
        let table = try table("\u{FEFF}\"a\", \"Label\"\r\n 1 ,0.0\r\n2, 1.0\r\n")
        #expect(table.features.columns == ["a"])
        #expect(table.features.values == [1, 2])
        #expect(table.isAnomaly == [false, true])
    }

    @Test(
        "A table that nothing can be measured on is refused",
        arguments: ["a,b\n1,2\n", "label\n1\n", "a,label\n1,2\n", "a,label\nnan,1\n", "a,label\n1\n", ""])
    func unusableTable(text: String) {
        #expect(throws: TrainingError.self) { try table(text) }
    }

    @Test("A forest is not measured on a table without anomalies", arguments: ["a,label\n1,0\n2,0\n", "a,label\n"])
    func nothingToTell(text: String) throws {
        let table = try table(text)
        #expect(throws: TrainingError.self) { try ForestEvaluation(table, seeds: [1]) }
    }
}
