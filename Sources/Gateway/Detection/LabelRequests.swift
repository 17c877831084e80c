import Detection
import Ledger
import NIOCore
import Pipeline

/// The bodies of requests that say what a payment was.
enum LabelRequests {
    static let maxLineBytes = 4096
    static let maxSourceBytes = 64

    /// A line of a body with many labels.
    struct Line {
        let number: Int
        /// As far as it can be told.
        var transactionID: String?
        let content: Result<LabelRequest, TransactionParserError>
    }

    /// The label of one transaction, whose id stands in the path.
    static func label(of id: TransactionID, _ body: ByteBuffer) throws(Problem) -> LabelRequest {
        var fields = DocumentFields(try document(body))
        let request = request(id, &fields)
        try fields.finish()
        return request!
    }

    /// All lines that are not blank.
    static func lines(_ body: ByteBuffer, maxLines: Int) throws(Problem) -> [Line] {
        var lines: [Line] = []
        var isTooLong = false
        body.withUnsafeReadableBytes { bytes in
            for (number, line) in NewlineDelimited(bytes) {
                guard lines.count < maxLines else { return isTooLong = true }
                lines.append(self.line(number, line))
            }
        }
        guard !isTooLong else { throw Problem(.tooLarge, "the body has more than \(maxLines) labels") }
        guard !lines.isEmpty else { throw Problem(.malformedDocument, "the body holds no label") }
        return lines
    }

    private static func line(_ number: Int, _ bytes: UnsafeRawBufferPointer) -> Line {
        let document: StrictDocument
        do throws(TransactionParserError) {
            document = try StrictDocument.read(bytes, maxBytes: maxLineBytes)
        } catch {
            return Line(number: number, content: .failure(error))
        }
        var fields = DocumentFields(document)
        let text = fields.string("transaction_id")
        var id: TransactionID?
        if let text {
            id = TransactionID(text)
            if id == nil { fields.note("transaction_id", "must be \"txn_\" and a ULID of 26 characters") }
        }
        let request = request(id, &fields)
        let faults = fields.allFaults
        guard faults.isEmpty, let request else {
            return Line(number: number, transactionID: id.map { "\($0)" }, content: .failure(.fields(faults)))
        }
        return Line(number: number, transactionID: "\(request.transactionID)", content: .success(request))
    }

    /// Nil only where a fault is noted.
    private static func request(_ id: TransactionID?, _ fields: inout DocumentFields) -> LabelRequest? {
        var verdict: Verdict?
        if let name = fields.string("label") {
            verdict = Verdict(name: name)
            if verdict == nil { fields.note("label", "must be \"fraud\" or \"legitimate\"") }
        }
        let time = fields.optionalTime("labelled_at")
        let source = fields.optionalString("source", maxBytes: maxSourceBytes)
        if let source, source.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return fields.fault("source", "must not hold control characters")
        }
        guard let id, let verdict else { return nil }
        return LabelRequest(
            transactionID: id, verdict: verdict, source: source ?? "api", labelledAtMicroseconds: time)
    }

    private static func document(_ body: ByteBuffer) throws(Problem) -> StrictDocument {
        do throws(TransactionParserError) {
            return try body.withUnsafeReadableBytes { bytes throws(TransactionParserError) in
                try StrictDocument.read(bytes, maxBytes: maxLineBytes)
            }
        } catch {
            throw Problem(error)
        }
    }
}
