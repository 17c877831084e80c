import Detection
import HTTPTypes
import Ledger
import NIOCore
import Pipeline
import Security
import Synchronization

/// What is known of payments afterwards, and what is remembered of who made and who took them.
extension Responder {
    // MARK: Labels

    func postLabel(_ request: Request) async throws -> Reply {
        _ = try await authorize(request, .analyst)
        try rejectQuery(request)
        try requireContentType(request, ["application/json"])
        let id = try transactionID(request)
        let label = try LabelRequests.label(of: id, try body(of: request))
        let receipt = try await send([label])
        guard let outcome = receipt.outcomes.first else { throw BackendError.internal("no outcome for a label") }
        guard outcome != .unknownTransaction else { throw Problem(.notFound, "there is no transaction \(id)") }
        let result = LabelResult(line: nil, transactionID: "\(id)", status: LabelResult.Status(outcome))
        return Reply(.ok, try encode(LabelAnswer(result, logIndex: receipt.commitIndex)))
    }

    /// Each line stands for itself: those that can be taken are, whatever is wrong with others.
    func postLabels(_ request: Request) async throws -> Reply {
        _ = try await authorize(request, .analyst)
        try rejectQuery(request)
        try requireContentType(request, ["application/x-ndjson", "application/ndjson"])
        let inWork = batchesInFlight.wrappingAdd(1, ordering: .relaxed).newValue
        defer { batchesInFlight.wrappingSubtract(1, ordering: .relaxed) }
        guard inWork <= configuration.maxBatchesInFlight else {
            throw Problem(
                .overloaded, "\(configuration.maxBatchesInFlight) batches are in work on this node",
                retryAfterSeconds: 1)
        }
        let content = try body(of: request)
        // Thousands of lines to parse would hold up the other connections of this loop.
        let results = try await withTaskExecutorPreference(globalConcurrentExecutor) {
            try await self.results(of: try LabelRequests.lines(content, maxLines: configuration.maxBatchLines))
        }
        return Reply(.ok, try encode(results))
    }

    private func results(of lines: [LabelRequests.Line]) async throws -> LabelResults {
        var results: [LabelResult] = []
        results.reserveCapacity(lines.count)
        var labels: [LabelRequest] = []
        var places: [Int] = []
        for line in lines {
            switch line.content {
            case .success(let label):
                labels.append(label)
                places.append(results.count)
                // Until the node has answered.
                results.append(
                    LabelResult(line: line.number, transactionID: line.transactionID, status: .unknownTransaction))
            case .failure(let error):
                results.append(
                    LabelResult(
                        line: line.number, transactionID: line.transactionID, status: .invalid,
                        errors: Self.faults(error)))
            }
        }
        detectionMetrics.countInvalidLabels(lines.count - labels.count)
        var index: UInt64?
        var start = 0
        while start < labels.count {
            let end = min(labels.count, start + Pipeline.labelsPerRequest)
            let receipt = try await send(Array(labels[start..<end]))
            guard receipt.outcomes.count == end - start else {
                throw BackendError.internal("\(receipt.outcomes.count) outcomes for \(end - start) labels")
            }
            for (place, outcome) in zip(places[start..<end], receipt.outcomes) {
                results[place].status = LabelResult.Status(outcome)
            }
            index = receipt.commitIndex
            start = end
        }
        return LabelResults(results, logIndex: index)
    }

    private func send(_ labels: [LabelRequest]) async throws -> LabelReceipt {
        do throws(BackendError) {
            let receipt = try await backend.detection.label(labels)
            detectionMetrics.count(receipt.outcomes, of: labels)
            return receipt
        } catch .deadlineExceeded {
            throw Problem(
                .outcomeUnknown,
                "the deadline passed before the outcome was known: labels may or may not have been taken. Repeat the request; "
                    + "a label that was taken has its effect once", retryAfterSeconds: 1)
        }
    }

    private static func faults(_ error: TransactionParserError) -> [LabelResult.Fault] {
        switch error {
        case .tooLarge(let limit): [.init(field: nil, detail: "the line is longer than \(limit) bytes")]
        case .syntax(let offset, let reason):
            [.init(field: nil, detail: "not JSON at byte \(offset) of the line: \(reason)")]
        case .fields(let fields): fields.map { .init(field: $0.field, detail: $0.reason) }
        }
    }

    func transactionID(_ request: Request) throws(Problem) -> TransactionID {
        guard let id = TransactionID(request.parameter) else {
            throw Problem(.notFound, "a transaction id is \"txn_\" and a ULID of 26 characters")
        }
        return id
    }

    // MARK: Profiles

    func getUserProfile(_ request: Request) async throws -> Reply {
        let (name, consistency) = try await profileRequest(request)
        guard let answer = try await backend.detection.userProfile(name, consistency: consistency) else {
            throw Problem(.notFound, "nothing is known of the user \"\(name)\"")
        }
        return Reply(.ok, try encode(UserProfileDocument(name, answer)))
    }

    func getMerchantProfile(_ request: Request) async throws -> Reply {
        let (name, consistency) = try await profileRequest(request)
        guard let answer = try await backend.detection.merchantProfile(name, consistency: consistency) else {
            throw Problem(.notFound, "nothing is known of the merchant \"\(name)\"")
        }
        return Reply(.ok, try encode(MerchantProfileDocument(name, answer)))
    }

    private func profileRequest(_ request: Request) async throws -> (name: String, ReadConsistency) {
        _ = try await authorize(request, .analyst)
        let parameters = try QueryParameters(request.query, known: ["consistency"])
        guard let name = request.decodedParameter() else {
            throw Problem(.notFound, "the path is not percent-encoded UTF-8")
        }
        return (name, try parameters.consistency())
    }
}
