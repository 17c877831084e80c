import Bytes
import Detection
import HTTPTypes
import Ledger
import NIOCore
import Pipeline
import Security
import Synchronization

extension Responder {
    // MARK: POST /transactions

    func postTransaction(_ request: Request) async throws -> Reply {
        let principal = try await authorize(request, .ingest)
        try rejectQuery(request)
        try requireContentType(request, ["application/json"])
        let key = try idempotencyKey(request)
        let preferences = Preferences(request[.prefer])
        let body = try body(of: request)
        let submitted = try parse(body)
        let receipt = try await backend.submit(
            Submission(
                subject: principal.subject, idempotencyKey: key, transactions: [submitted],
                wantsVerdicts: preferences.wait,
                deadlineMilliseconds: preferences.deadlineMilliseconds(configuration)))
        guard let item = receipt.items.first else {
            throw BackendError.internal("a receipt without items for one transaction")
        }
        if preferences.wait { return waited(item) }
        var buffer = ByteBufferAllocator().buffer(capacity: AcceptedReply.length)
        buffer.writeStaticString(AcceptedReply.front)
        buffer.writeString(item.id.description)
        buffer.writeStaticString(AcceptedReply.back)
        return Reply(.accepted, completeFields: AcceptedReply.fields, body: buffer)
    }

    private func parse(_ body: ByteBuffer) throws -> SubmittedTransaction {
        let now = wallClockMicroseconds()
        let result = body.withUnsafeReadableBytes { raw -> Result<SubmittedTransaction, TransactionParserError> in
            do throws(TransactionParserError) {
                return .success(try parser.parse(raw, nowMicroseconds: now))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let submitted): return submitted
        case .failure(let error): throw Problem(error)
        }
    }

    private func waited(_ item: SubmissionReceipt.Item) -> Reply {
        var body: [UInt8] = []
        body.reserveCapacity(256 + (item.verdict?.reasonsJSON.count ?? 0))
        TransactionJSON.append(item, to: &body)
        var reply = Reply(.ok, body)
        reply.fields[.preferenceApplied] = "wait"
        return reply
    }

    // MARK: POST /transactions/batch

    func postBatch(_ request: Request) async throws -> Reply {
        let principal = try await authorize(request, .ingest)
        try rejectQuery(request)
        try requireContentType(request, ["application/x-ndjson", "application/ndjson"])
        let key = try idempotencyKey(request)
        let preferences = Preferences(request[.prefer])
        let inWork = batchesInFlight.wrappingAdd(1, ordering: .relaxed).newValue
        defer { batchesInFlight.wrappingSubtract(1, ordering: .relaxed) }
        guard inWork <= configuration.maxBatchesInFlight else {
            throw Problem(
                .overloaded, "\(configuration.maxBatchesInFlight) batches are in work on this node",
                retryAfterSeconds: 1)
        }
        let content = try body(of: request)
        // Thousands of lines to parse and to seal would hold up the other connections of this loop.
        let receipt = try await withTaskExecutorPreference(globalConcurrentExecutor) {
            try await backend.submit(
                Submission(
                    subject: principal.subject, idempotencyKey: key, transactions: try parseBatch(content),
                    wantsVerdicts: preferences.wait,
                    deadlineMilliseconds: preferences.deadlineMilliseconds(configuration)))
        }
        if preferences.wait { return waited(receipt) }
        var body: [UInt8] = []
        body.reserveCapacity(96 + receipt.items.count * (TransactionID.textByteCount + 3))
        appendBatchFront(receipt, status: "processing", to: &body)
        JSONBytes.append(",\"transaction_ids\":[", to: &body)
        for (place, item) in receipt.items.enumerated() {
            if place > 0 { body.append(UInt8(ascii: ",")) }
            TransactionJSON.append(item.id, to: &body)
        }
        JSONBytes.append("]}", to: &body)
        return Reply(.accepted, body)
    }

    private func parseBatch(_ body: ByteBuffer) throws -> [SubmittedTransaction] {
        let now = wallClockMicroseconds()
        let result = body.withUnsafeReadableBytes { raw -> Result<[SubmittedTransaction], TransactionBatchError> in
            do throws(TransactionBatchError) {
                return .success(try batchParser.parse(raw, nowMicroseconds: now))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let transactions): return transactions
        case .failure(let error): throw Problem(error)
        }
    }

    private func waited(_ receipt: SubmissionReceipt) -> Reply {
        var body: [UInt8] = []
        body.reserveCapacity(96 + receipt.items.count * 256)
        appendBatchFront(receipt, status: "done", to: &body)
        JSONBytes.append(",\"results\":[", to: &body)
        for (place, item) in receipt.items.enumerated() {
            if place > 0 { body.append(UInt8(ascii: ",")) }
            TransactionJSON.append(item, to: &body)
        }
        JSONBytes.append("]}", to: &body)
        var reply = Reply(.ok, body)
        reply.fields[.preferenceApplied] = "wait"
        return reply
    }

    private func appendBatchFront(_ receipt: SubmissionReceipt, status: StaticString, to body: inout [UInt8]) {
        let duplicates = receipt.items.count { $0.isDuplicate }
        JSONBytes.append("{\"status\":\"", to: &body)
        JSONBytes.append(status, to: &body)
        JSONBytes.append("\",\"accepted\":", to: &body)
        JSONBytes.append(number: receipt.items.count - duplicates, to: &body)
        JSONBytes.append(",\"duplicates\":", to: &body)
        JSONBytes.append(number: duplicates, to: &body)
    }

    // MARK: GET

    func getTransaction(_ request: Request) async throws -> Reply {
        _ = try await authorize(request, .analyst)
        let parameters = try QueryParameters(request.query, known: ["consistency"])
        let id = try transactionID(request)
        guard let view = try await backend.transaction(id, consistency: try parameters.consistency()) else {
            throw Problem(.notFound, "there is no transaction \(id)")
        }
        var body: [UInt8] = []
        TransactionJSON.append(view, to: &body)
        return Reply(.ok, body)
    }

    func listTransactions(_ request: Request) async throws -> Reply {
        _ = try await authorize(request, .analyst)
        let parameters = try QueryParameters(
            request.query, known: ["user_id", "decision", "from", "to", "limit", "cursor", "consistency"])
        let page = try await backend.transactions(
            try parameters.transactionQuery(), consistency: try parameters.consistency())
        var body: [UInt8] = []
        body.reserveCapacity(64 + page.transactions.count * 512)
        JSONBytes.append("{\"transactions\":[", to: &body)
        for (place, view) in page.transactions.enumerated() {
            if place > 0 { body.append(UInt8(ascii: ",")) }
            TransactionJSON.append(view, to: &body)
        }
        JSONBytes.append("],\"next_cursor\":", to: &body)
        if let next = page.next {
            JSONBytes.append(string: next.description, to: &body)
        } else {
            JSONBytes.append("null", to: &body)
        }
        JSONBytes.append("}", to: &body)
        return Reply(.ok, body)
    }

    // MARK: Parts of requests

    func idempotencyKey(_ request: Request) throws(Problem) -> String? {
        guard let key = request[.idempotencyKey] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .invalid("Idempotency-Key", "must have 1 to 255 visible ASCII characters, without spaces")
        }
        return key
    }
}

/// The reply to the hot path, made in advance but for the id.
private enum AcceptedReply {
    static let front: StaticString = "{\"status\":\"processing\",\"transaction_id\":\""
    static let back: StaticString = "\"}"
    static let length = front.utf8CodeUnitCount + TransactionID.textByteCount + back.utf8CodeUnitCount
    static let fields: HTTPFields = [
        .contentType: Reply.json, .cacheControl: "no-store", .contentLength: String(length),
    ]
}
