import Glibc
import Ledger

/// A fault in one line of a batch.
public struct LineFault: Sendable, Equatable {
    /// Counted from 1, blank lines included.
    public let line: Int
    /// Nil where the line is not JSON.
    public let field: String?
    public let reason: String

    public init(line: Int, field: String?, reason: String) {
        self.line = line
        self.field = field
        self.reason = reason
    }
}

/// Why a batch is not one.
public enum TransactionBatchError: Error, Sendable, Equatable {
    case tooLarge(limitBytes: Int)
    case tooManyLines(limit: Int)
    /// Nothing but blank lines.
    case empty
    /// Faults in order of lines, at most `TransactionBatchParser.maxReportedFaults` of them, out of `total`.
    /// `hasSyntaxFault`: some line, listed or not, is not JSON at all.
    case faults([LineFault], total: Int, hasSyntaxFault: Bool)
}

/// Reads transactions from newline-delimited JSON: one object a line, lines ended by LF or CR LF, the last one's end
/// optional. Blank lines (spaces and tabs alone count as blank) are passed over, but counted in line numbers.
///
/// A transaction id may stand in one line only: the same id twice in one batch is a mistake of its sender.
public struct TransactionBatchParser: Sendable {
    public static let defaultMaxBytes = 8 * 1024 * 1024
    public static let defaultMaxLines = 10_000
    public static let maxReportedFaults = 100

    public let maxBytes: Int
    /// Of those that are not blank.
    public let maxLines: Int
    private let parser: TransactionParser

    public init(
        maxBytes: Int = TransactionBatchParser.defaultMaxBytes, maxLines: Int = TransactionBatchParser.defaultMaxLines,
        maxLineBytes: Int = TransactionParser.defaultMaxDocumentBytes
    ) {
        precondition(maxBytes > 0 && maxLines > 0, "a batch has at least one byte and one line")
        self.maxBytes = maxBytes
        self.maxLines = maxLines
        parser = TransactionParser(maxDocumentBytes: maxLineBytes)
    }

    /// - Parameter nowMicroseconds: the time of transactions that do not tell their own.
    public func parse(
        _ batch: UnsafeRawBufferPointer, nowMicroseconds: Int64
    ) throws(TransactionBatchError) -> [SubmittedTransaction] {
        guard batch.count <= maxBytes else { throw .tooLarge(limitBytes: maxBytes) }
        var transactions: [SubmittedTransaction] = []
        transactions.reserveCapacity(min(maxLines, batch.count / 128 + 1))
        var faults = FaultList()
        var linesOfIDs: [TransactionID: Int] = [:]
        var lines = 0
        var number = 0
        var start = 0
        while start < batch.count {
            let end = Self.lineEnd(batch, from: start)
            number += 1
            let line = UnsafeRawBufferPointer(rebasing: batch[start..<end])
            start = end + 1
            if Self.isBlank(line) { continue }
            lines += 1
            guard lines <= maxLines else { throw .tooManyLines(limit: maxLines) }
            do throws(TransactionParserError) {
                let submitted = try parser.parse(line, nowMicroseconds: nowMicroseconds)
                if let id = submitted.id, let first = linesOfIDs.updateValue(number, forKey: id) {
                    faults.append(number, "transaction_id", "is that of line \(first) again")
                }
                if faults.isEmpty { transactions.append(submitted) }
            } catch {
                faults.append(number, error)
            }
        }
        guard faults.isEmpty else {
            throw .faults(faults.listed, total: faults.total, hasSyntaxFault: faults.hasSyntaxFault)
        }
        guard lines > 0 else { throw .empty }
        return transactions
    }

    /// As `parse` for raw bytes.
    public func parse(_ batch: [UInt8], nowMicroseconds: Int64) throws(TransactionBatchError) -> [SubmittedTransaction]
    {
        try batch.withUnsafeBufferPointer { buffer throws(TransactionBatchError) in
            try parse(UnsafeRawBufferPointer(buffer), nowMicroseconds: nowMicroseconds)
        }
    }

    /// Where the line that begins at `start` ends: at its LF, or the end of everything. A CR before it is white space to
    /// JSON, and needs no care.
    private static func lineEnd(_ batch: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let found = memchr(batch.baseAddress! + start, 0x0A, batch.count - start) else { return batch.count }
        return UnsafeRawPointer(found) - batch.baseAddress!
    }

    private static func isBlank(_ line: UnsafeRawBufferPointer) -> Bool {
        line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    }
}

/// Faults under collection.
private struct FaultList {
    private(set) var listed: [LineFault] = []
    private(set) var total = 0
    private(set) var hasSyntaxFault = false

    var isEmpty: Bool { total == 0 }

    mutating func append(_ line: Int, _ field: String?, _ reason: String) {
        total += 1
        guard listed.count < TransactionBatchParser.maxReportedFaults else { return }
        listed.append(LineFault(line: line, field: field, reason: reason))
    }

    mutating func append(_ line: Int, _ error: TransactionParserError) {
        switch error {
        case .tooLarge(let limit):
            append(line, nil, "the line is longer than \(limit) bytes")
        case .syntax(let offset, let reason):
            hasSyntaxFault = true
            append(line, nil, "not JSON at byte \(offset) of the line: \(reason)")
        case .fields(let fields):
            for field in fields { append(line, field.field, field.reason) }
        }
    }
}
