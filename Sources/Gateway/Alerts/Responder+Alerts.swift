import Bytes
import HTTPTypes
import Ledger
import NIOCore
import Pipeline
import Security

/// Payments that were not approved, and what becomes of them.
extension Responder {
    func respondAboutAlerts(_ request: Request) async throws -> Reply {
        switch request.route {
        case .alerts: try await listAlerts(request)
        case .alert: try await getAlert(request)
        case .review: try await postReview(request)
        case .alertStream: try await streamAlerts(request)
        default: preconditionFailure("\(request.route) is not about alerts")
        }
    }

    private func listAlerts(_ request: Request) async throws -> Reply {
        _ = try await authorize(request, .analyst)
        let parameters = try QueryParameters(
            request.query,
            known: ["state", "decision", "user_id", "from", "to", "limit", "cursor", "consistency"])
        let page = try await backend.alerts.alerts(
            try parameters.alertQuery(), consistency: try parameters.consistency())
        var body: [UInt8] = []
        body.reserveCapacity(64 + page.alerts.count * 768)
        JSONBytes.append("{\"alerts\":[", to: &body)
        for (place, alert) in page.alerts.enumerated() {
            if place > 0 { body.append(UInt8(ascii: ",")) }
            AlertDocument.append(alert, to: &body)
        }
        JSONBytes.append("],\"next_cursor\":", to: &body)
        JSONBytes.append(nullable: page.next?.description, to: &body)
        JSONBytes.append("}", to: &body)
        return Reply(.ok, body)
    }

    private func getAlert(_ request: Request) async throws -> Reply {
        _ = try await authorize(request, .analyst)
        let parameters = try QueryParameters(request.query, known: ["consistency"])
        let id = try transactionID(request)
        guard let history = try await backend.alerts.alert(id, consistency: try parameters.consistency()) else {
            throw Problem(.notFound, "there is no alert \(id)")
        }
        var body: [UInt8] = []
        AlertDocument.append(history, to: &body)
        return Reply(.ok, body)
    }

    private func postReview(_ request: Request) async throws -> Reply {
        let principal = try await authorize(request, .analyst)
        try rejectQuery(request)
        try requireContentType(request, ["application/json"])
        let id = try transactionID(request)
        let number = try idempotencyKey(request).map { ReviewRequests.number(of: $0, subject: principal.subject) }
        let review = try ReviewRequests.review(try body(of: request), number: number)
        let receipt = try await make(review, of: id, by: principal)
        return Reply(.ok, try encode(ReviewAnswer(id, receipt)))
    }

    private func make(
        _ review: ReviewRequest, of id: TransactionID, by principal: Principal
    ) async throws -> ReviewReceipt {
        do throws(BackendError) {
            return try await backend.alerts.review(id, review, author: principal.subject)
        } catch .deadlineExceeded {
            throw Problem(
                .outcomeUnknown,
                "the deadline passed before the outcome was known: the review may or may not be made. Repeat it with the same "
                    + "Idempotency-Key, or look at GET /alerts/{id} first", retryAfterSeconds: 1)
        }
    }

    // MARK: The live stream

    private func streamAlerts(_ request: Request) async throws -> Reply {
        let principal = try await authorize(request, .analyst)
        let parameters = try QueryParameters(request.query, known: ["last_event_id"])
        let position = try lastEvent(request, parameters)
        // Who may listen now may not for ever.
        let seconds = max(0, principal.validUntilSeconds - wallClockMicroseconds() / 1_000_000)
        let end = ContinuousClock.now + .seconds(min(seconds, 1 << 31))
        let subscription = try backend.alerts.subscribe(after: position, until: end)
        return Reply(stream: subscription, contentType: "text/event-stream")
    }

    /// What the client has seen last; nil: it is new. A browser that comes back repeats the query that it began with: the
    /// header knows better.
    private func lastEvent(_ request: Request, _ parameters: QueryParameters) throws(Problem) -> OutboxPosition? {
        if let field = request[.lastEventID] { return try position(field, in: "Last-Event-ID") }
        guard let text = parameters["last_event_id"] else { return nil }
        return try position(text, in: "last_event_id")
    }

    private func position(_ text: String, in name: String) throws(Problem) -> OutboxPosition {
        guard let position = OutboxPosition(sentBack: text) else {
            throw Problem(
                .malformedRequest, "\(name) \(OutboxPosition.fault)",
                faults: [.init(field: name, detail: OutboxPosition.fault)])
        }
        return position
    }
}
