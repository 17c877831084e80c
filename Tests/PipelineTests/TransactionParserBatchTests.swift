import Ledger
import Pipeline
import Testing

private let line = #"{"user_id":"u","amount":1,"currency":"EUR","merchant":"m","location":"l"}"#

private func parse(
    _ batch: String, _ parser: TransactionBatchParser = TransactionBatchParser()
) throws(TransactionBatchError) -> [SubmittedTransaction] {
    try parser.parse(Array(batch.utf8), nowMicroseconds: 7)
}

@Suite("A batch is read line by line, whole or not at all")
struct TransactionParserBatchTests {
    @Test(
        "Lines end in LF or CR LF, the last one need not, and blank ones are passed over",
        arguments: [
            "\(line)\n\(line)", "\(line)\n\(line)\n", "\(line)\r\n\(line)\r\n", "\n\n\(line)\n \t\r\n\(line)\n\n",
        ])
    func lineEnds(batch: String) throws {
        let transactions = try parse(batch)
        #expect(transactions.count == 2)
        #expect(transactions.allSatisfy { $0.transaction.occurredAtMicroseconds == 7 })
    }

    @Test("Faults are told by line, blank lines counted")
    func faults() {
        let batch = "\(line)\n\n{\"user_id\":1}\nnot json\n"
        #expect {
            try parse(batch)
        } throws: { error in
            guard case .faults(let faults, let total, true) = error as? TransactionBatchError else { return false }
            return total == 6 && faults.map(\.line) == [3, 3, 3, 3, 3, 4]
                && faults.map(\.field) == ["user_id", "amount", "currency", "merchant", "location", nil]
        }
    }

    @Test("A hundred faults are listed, all are counted")
    func manyFaults() {
        #expect {
            try parse(String(repeating: "{}\n", count: 1000))
        } throws: { error in
            guard case .faults(let faults, 5000, false) = error as? TransactionBatchError else { return false }
            return faults.count == 100
        }
    }

    @Test("A batch of nothing is an error", arguments: ["", "\n", " \r\n\t\n"])
    func empty(batch: String) {
        #expect(throws: TransactionBatchError.empty) { try parse(batch) }
    }

    @Test("Lines and bytes have bounds")
    func bounds() throws {
        let parser = TransactionBatchParser(maxBytes: 400, maxLines: 3, maxLineBytes: 100)
        #expect(try parse("\n\n\n\(line)\n\(line)\n\(line)\n", parser).count == 3)
        #expect(throws: TransactionBatchError.tooManyLines(limit: 3)) {
            try parse(String(repeating: "\(line)\n", count: 4), parser)
        }
        #expect(throws: TransactionBatchError.tooLarge(limitBytes: 400)) {
            try parse(String(repeating: " ", count: 401), parser)
        }
        #expect(
            throws: TransactionBatchError.faults(
                [LineFault(line: 1, field: nil, reason: "the line is longer than 100 bytes")], total: 1,
                hasSyntaxFault: false)
        ) {
            try parse(String(repeating: "x", count: 101), parser)
        }
    }

    @Test("The same transaction id on two lines is a mistake")
    func repeatedID() {
        let own = line.dropLast() + #","transaction_id":"txn_01M81SQC8H8X8K5QQMCF2Z6QTR"}"#
        #expect(
            throws: TransactionBatchError.faults(
                [LineFault(line: 3, field: "transaction_id", reason: "is that of line 1 again")], total: 1,
                hasSyntaxFault: false)
        ) {
            try parse("\(own)\n\(line)\n\(own)\n")
        }
    }
}
