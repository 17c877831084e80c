import Detection
import Foundation
import Gateway
import Ledger
import Pipeline
import Raft
import Security
import Synchronization
import Testing

@Suite("Alerts are listed and reviewed over HTTPS", .serialized)
struct AlertRouteTests {
    static let id = TransactionID("txn_01M81SQC8H8X8K5QQMCF2Z6QTR")!
    static let position = OutboxPosition(index: LogIndex(4711), ordinal: 2)

    static func alert(_ standing: AlertStanding = .new) throws -> AlertView {
        let euro = try #require(Currency("EUR"))
        return AlertView(
            position: position, createdAtMicroseconds: 1_763_819_100_250_000, userKey: 7, standing: standing,
            transaction: TransactionView(
                id: id,
                transaction: Transaction(
                    userID: "u \"1\"", amount: try #require(Amount(minorUnits: 4250, currency: euro)),
                    merchant: "Café", location: "Berlin, DE", occurredAtMicroseconds: 1_763_819_100_000_000),
                acceptedAtMicroseconds: 1_763_819_100_250_000, logIndex: 4711,
                verdict: Judgement(decision: .review, score: 0.5, reasonsJSON: Array("[]".utf8))))
    }

    @Test("A page has the alerts with their transactions, and where the next one starts")
    func list() async throws {
        let alert = try Self.alert(AlertStanding(state: .assigned, assignee: "ada", revision: 3, lastReview: 9))
        let cursor = AlertCursor(createdAtMicroseconds: 5, position: Self.position)
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            gateway.backend.desk.state.withLock { $0.page = AlertPage(alerts: [alert, alert], next: cursor) }
            let json = try await gateway.request("GET", "/alerts").json()
            #expect(json["next_cursor"] as? String == "5-4711.2")
            let alerts = try #require(json["alerts"] as? [[String: Any]])
            #expect(alerts.count == 2)
            let first = try #require(alerts.first)
            #expect(
                first.keys.sorted() == [
                    "assignee", "created_at", "id", "position", "revision", "state", "transaction",
                ])
            #expect(first["id"] as? String == "\(Self.id)")
            #expect(first["position"] as? String == "4711.2")
            #expect(first["created_at"] as? String == "2025-11-22T13:45:00.250000Z")
            #expect(first["state"] as? String == "assigned")
            #expect(first["assignee"] as? String == "ada")
            #expect(first["revision"] as? Int == 3)
            let transaction = try #require(first["transaction"] as? [String: Any])
            #expect(transaction["transaction_id"] as? String == "\(Self.id)")
            #expect(transaction["user_id"] as? String == "u \"1\"")
            #expect(transaction["decision"] as? String == "review")

            gateway.backend.desk.state.withLock { $0.page = AlertPage(alerts: [], next: nil) }
            #expect(try await gateway.request("GET", "/alerts").text == #"{"alerts":[],"next_cursor":null}"#)
        }
    }

    @Test("What goes out is what the list shows")
    func document() throws {
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(AlertDocument.encode(try Self.alert()))) as? [String: Any])
        #expect(json["state"] as? String == "open")
        #expect(json["assignee"] is NSNull)
        #expect((json["transaction"] as? [String: Any])?["merchant"] as? String == "Café")
    }

    @Test("Filters reach the node as they were meant")
    func filters() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let response = try await gateway.request(
                "GET",
                "/alerts?state=dismissed&decision=block&user_id=u%20%C3%BC&from=2025-11-22T13:45:00Z"
                    + "&to=2025-11-22T14:45:00+01:00&limit=7&cursor=5-4711.2&consistency=local")
            #expect(response.status == 422)
            #expect(try response.faults("invalid-request").keys.sorted() == ["to"])
            #expect(
                try await gateway.request(
                    "GET",
                    "/alerts?state=dismissed&decision=block&user_id=u%20%C3%BC&from=2025-11-22T13:45:00Z"
                        + "&to=2025-11-22T14:45:01+01:00&limit=7&cursor=5-4711.2&consistency=local"
                ).status == 200)
            let (query, consistency) = gateway.backend.desk.state.withLock { ($0.lastQuery, $0.lastConsistency) }
            #expect(
                query
                    == AlertQuery(
                        state: .dismissed, decision: .block, userID: "u ü", fromMicroseconds: 1_763_819_100_000_000,
                        toMicroseconds: 1_763_819_101_000_000, limit: 7,
                        after: AlertCursor(createdAtMicroseconds: 5, position: Self.position)))
            #expect(consistency == .local)
            _ = try await gateway.request("GET", "/alerts")
            #expect(gateway.backend.desk.state.withLock { $0.lastQuery } == AlertQuery())
            #expect(gateway.backend.desk.state.withLock { $0.lastConsistency } == .linearizable)
        }
    }

    @Test(
        "A filter that can't be meant is named",
        arguments: [
            ("state", "closed"), ("decision", "approve"), ("user_id", ""), ("from", "yesterday"), ("limit", "0"),
            ("limit", "1001"), ("cursor", "x"), ("consistency", "strong"), ("until", "x"),
        ])
    func badFilters(name: String, value: String) async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let response = try await gateway.request("GET", "/alerts?\(name)=\(value)")
            #expect(response.status == 422)
            #expect(try response.faults("invalid-request").keys.sorted() == [name])
        }
    }

    @Test("One alert comes with what was done with it")
    func one() async throws {
        let review = ReviewView(
            revision: 1, reviewedAtMicroseconds: 1_763_819_100_250_000, author: "ada", action: "note", state: .open,
            assignee: nil, note: "called\nback", logIndex: 4712)
        let history = AlertHistoryView(alert: try Self.alert(), reviews: [review])
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            gateway.backend.desk.state.withLock { $0.histories[Self.id] = history }
            let json = try await gateway.request("GET", "/alerts/\(Self.id)?consistency=local").json()
            #expect(json["position"] as? String == "4711.2")
            let reviews = try #require(json["reviews"] as? [[String: Any]])
            #expect(reviews.count == 1)
            #expect(
                reviews.first?.keys.sorted() == [
                    "action", "assignee", "author", "log_index", "note", "reviewed_at", "revision", "state",
                ])
            #expect(reviews.first?["note"] as? String == "called\nback")
            #expect(reviews.first?["assignee"] is NSNull)
            #expect(gateway.backend.desk.state.withLock { $0.lastConsistency } == .local)
            #expect(try await gateway.request("GET", "/alerts/txn_01M81SQC8H8X8K5QQMCF2Z6QTS").status == 404)
            #expect(try await gateway.request("GET", "/alerts/4711.2").status == 404)
        }
    }

    @Test("Each action reaches the node, with its author")
    func actions() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let requests: [(String, ReviewRequest)] = [
                (#"{"action":"assign","assignee":"Grace H"}"#, ReviewRequest(action: .assign(to: "Grace H"))),
                (#"{"action":"assign"}"#, ReviewRequest(action: .assign(to: nil))),
                (
                    #"{"action":"confirm","note":"sure","expected_revision":0}"#,
                    ReviewRequest(action: .confirm, note: "sure", expectedRevision: 0)
                ),
                (#"{"action":"dismiss","assignee":null,"note":null}"#, ReviewRequest(action: .dismiss)),
                (#"{"action":"note","note":"ü"}"#, ReviewRequest(action: .note, note: "ü")),
            ]
            for (body, _) in requests {
                #expect(
                    try await gateway.administer("POST", "/alerts/\(Self.id)/review", body).status == 200, "\(body)")
            }
            #expect(
                gateway.backend.desk.state.withLock { $0.reviews }
                    == requests.map { MemoryAlerts.Review(id: Self.id, request: $0.1, author: "tester") })
        }
    }

    @Test("The answer tells how the alert stands, and what a verdict did as a label")
    func answer() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            gateway.backend.desk.state.withLock {
                $0.receipt = ReviewReceipt(
                    standing: AlertStanding(state: .confirmed, assignee: "ada", revision: 4, lastReview: 9),
                    label: .changed, isRepeated: false, commitIndex: 99)
            }
            let path = "/alerts/\(Self.id)/review"
            let told = try await gateway.administer("POST", path, #"{"action":"confirm"}"#)
            #expect(
                told.text
                    == #"{"assignee":"ada","id":"\#(Self.id)","label":{"log_index":99,"status":"changed","#
                    + #""transaction_id":"\#(Self.id)"},"log_index":99,"repeated":false,"revision":4,"state":"confirmed"}"#
            )
            gateway.backend.desk.state.withLock {
                $0.receipt = ReviewReceipt(standing: .new, label: nil, isRepeated: true, commitIndex: 99)
            }
            let repeated = try await gateway.administer("POST", path, #"{"action":"assign"}"#).json()
            #expect(repeated["repeated"] as? Bool == true)
            #expect(repeated["label"] is NSNull)
            #expect(repeated["assignee"] is NSNull)
        }
    }

    @Test("The Idempotency-Key makes the review's number: the same again for the same subject and key alone")
    func keys() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let other = try await gateway.material.mint.mint(
                subject: "other", roles: [.analyst], lifetimeSeconds: 600, issuer: TestMaterial.issuer)
            for (key, token) in [
                ("a", TestGateway.Token.operator), ("a", .roles([.analyst])), ("b", .operator), ("a", .text(other)),
            ] {
                let response = try await gateway.request(
                    "POST", "/alerts/\(Self.id)/review",
                    headers: ["Content-Type: application/json", "Idempotency-Key: \(key)"],
                    body: Array(#"{"action":"confirm"}"#.utf8), token: token)
                #expect(response.status == 200)
            }
            let numbers = gateway.backend.desk.state.withLock { $0.reviews.map(\.request.number) }
            #expect(numbers.count == 4)
            #expect(numbers[0] != nil)
            #expect(numbers[0] == numbers[1])
            #expect(Set(numbers).count == 3)
            let bad = try await gateway.request(
                "POST", "/alerts/\(Self.id)/review",
                headers: ["Content-Type: application/json", "Idempotency-Key: a b"],
                body: Array(#"{"action":"confirm"}"#.utf8))
            #expect(try bad.faults("invalid-request").keys.sorted() == ["Idempotency-Key"])
        }
    }

    @Test(
        "What is wrong with a review is told by field",
        arguments: [
            (#"{}"#, ["action"]), (#"{"action":"close"}"#, ["action"]), (#"{"action":"note"}"#, ["note"]),
            (#"{"action":"note","note":""}"#, ["note"]), (#"{"action":"note","note":7}"#, ["note"]),
            (#"{"action":"assign","assignee":""}"#, ["assignee"]),
            (#"{"action":"assign","assignee":"a\u0007"}"#, ["assignee"]),
            (#"{"action":"confirm","assignee":"ada"}"#, ["assignee"]),
            (#"{"action":"confirm","expected_revision":-1}"#, ["expected_revision"]),
            (#"{"action":"confirm","expected_revision":4294967296}"#, ["expected_revision"]),
            (#"{"action":"confirm","revision":1,"asignee":"a"}"#, ["asignee", "revision"]),
        ])
    func badReviews(body: String, fields: [String]) async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let response = try await gateway.administer("POST", "/alerts/\(Self.id)/review", body)
            #expect(response.status == 422)
            #expect(try response.faults("invalid-fields").keys.sorted() == fields)
            #expect(gateway.backend.desk.state.withLock { $0.reviews }.isEmpty)
        }
    }

    @Test("A note may have 4,096 bytes however it is written, and no more")
    func noteBound() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let path = "/alerts/\(Self.id)/review"
            let escaped = String(repeating: "\\u0001", count: 4096)
            #expect(
                try await gateway.administer("POST", path, #"{"action":"note","note":"\#(escaped)"}"#).status == 200)
            let long = String(repeating: "x", count: 4097)
            let response = try await gateway.administer("POST", path, #"{"action":"note","note":"\#(long)"}"#)
            #expect(try response.faults("invalid-fields").keys.sorted() == ["note"])
        }
    }

    @Test("Who comes late is told so; an outcome that is not known is said to be so")
    func failures() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let path = "/alerts/\(Self.id)/review"
            gateway.backend.desk.state.withLock {
                $0.failure = .conflict(code: .alertChanged, detail: "the alert is confirmed, at revision 4")
            }
            let late = try await gateway.administer("POST", path, #"{"action":"dismiss","expected_revision":3}"#)
            #expect(late.status == 409)
            let detail = try late.problem("alert-changed")["detail"] as? String
            #expect(detail?.hasPrefix("the alert is confirmed, at revision 4; ") == true)
            gateway.backend.desk.state.withLock { $0.failure = .notFound(what: "alert \(Self.id)") }
            #expect(try await gateway.administer("POST", path, #"{"action":"dismiss"}"#).status == 404)
            gateway.backend.desk.state.withLock { $0.failure = .deadlineExceeded }
            let open = try await gateway.administer("POST", path, #"{"action":"dismiss"}"#)
            #expect(open.status == 503)
            _ = try open.problem("outcome-unknown")
        }
    }
}
