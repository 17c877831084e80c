import Deliveries
import Foundation
import Logging
import NIOHTTP1
import NIOSSL
import Synchronization
import Testing

@Suite("Posting to webhooks", .serialized, .timeLimit(.minutes(1)))
struct WebhookSenderTests {
    private static let secret = Array("a secret of 32 bytes, or nearly.".utf8)

    private let alert = OutgoingAlert(
        position: place(9, 1), id: "txn_1", userKey: 1,
        document: Array("{\"decision\":\"block\",\"reason\":\"größer\"}".utf8))

    private func options(
        _ ranges: [String] = ["127.0.0.0/8"], timeout: Duration = .seconds(5), roots: [NIOSSLCertificate] = []
    ) -> WebhookOptions {
        WebhookOptions(
            policy: TargetPolicy(allowsPlainHTTP: true, allowedRanges: ranges.map { NetworkRange($0)! }),
            connectTimeout: .seconds(2), timeout: timeout, additionalTrustRoots: [.certificates(roots)])
    }

    private func endpoint(_ url: String) throws -> WebhookEndpoint {
        let policy = TargetPolicy(allowsPlainHTTP: true, allowedRanges: [NetworkRange("127.0.0.0/8")!])
        return try WebhookEndpoint(
            name: "desk", url: WebhookURL(url, policy: policy), secret: Self.secret, revision: 1)
    }

    private func sending(
        _ options: WebhookOptions, resolver: any AddressResolver = FixedResolver(["127.0.0.1"]),
        _ body: (WebhookSender) async throws -> Void
    ) async throws {
        let sender = WebhookSender(options: options, resolver: resolver)
        do { try await body(sender) } catch {
            await sender.close()
            throw error
        }
        await sender.close()
    }

    @Test("A delivery has its alert, its number, and a signature that openssl agrees with")
    func signature() async throws {
        try await TestReceiver.run { receiver in
            try await sending(options()) { sender in
                let url = "http://hooks.example:\(receiver.port)/alerts?desk=1"
                let report = await sender.deliver(alert, to: try endpoint(url), attempt: 3)
                #expect(report.outcome == .delivered && report.status == 200)
            }
            let request = try #require(receiver.requests.first)
            #expect(request.method == "POST" && request.path == "/alerts?desk=1")
            #expect(request.headers["Host"] == ["hooks.example:\(receiver.port)"])
            #expect(request.headers["Content-Type"] == ["application/json"])
            #expect(request.headers["Redoubt-Alert-Id"] == ["txn_1"])
            #expect(request.headers["Redoubt-Delivery-Attempt"] == ["3"])
            let document = try #require(
                try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any])
            #expect(document["type"] as? String == "alert" && document["id"] as? String == "txn_1")
            #expect(document["position"] as? String == "9.1")
            #expect((document["alert"] as? [String: String])?["reason"] == "größer")

            let parts = try #require(request.headers["Redoubt-Signature"].first).split(separator: ",")
            let time = try #require(parts.first { $0.hasPrefix("t=") }).dropFirst(2)
            let code = try #require(parts.first { $0.hasPrefix("v1=") }).dropFirst(3)
            #expect(abs(Date().timeIntervalSince1970 - Double(time)!) < 10)
            let key = Self.secret.map { String(format: "%02x", $0) }.joined()
            let said = try run(
                ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:\(key)"],
                input: Array("\(time).".utf8) + request.body)
            #expect(said.split(separator: " ").last?.trimmingCharacters(in: .whitespacesAndNewlines) == String(code))
        }
    }

    @Test("A test delivery says that it is one, and the report tells what came of it")
    func testDelivery() async throws {
        try await TestReceiver.run(script: { _ in .answer(503) }) { receiver in
            try await sending(options()) { sender in
                let report = await sender.test(try endpoint("http://hooks.example:\(receiver.port)/"))
                #expect(report.status == 503)
                #expect(report.outcome == .failed(reason: "answered 503", retryAfter: nil))
                #expect(
                    String(decoding: receiver.requests[0].body, as: UTF8.self) == #"{"type":"test","webhook":"desk"}"#)
            }
        }
    }

    @Test(
        "What the receiver answers decides whether it is tried again",
        arguments: [
            (200, "delivered"), (204, "delivered"), (301, "refused"), (302, "refused"), (307, "refused"),
            (308, "refused"),
            (400, "refused"), (401, "refused"), (403, "refused"), (404, "refused"), (410, "refused"), (408, "failed"),
            (425, "failed"), (429, "failed"), (500, "failed"), (502, "failed"), (503, "failed"),
        ])
    func answers(_ status: Int, _ expected: String) async throws {
        try await TestReceiver.run { elsewhere in
            let location = "http://hooks.example:\(elsewhere.port)/"
            try await TestReceiver.run(script: { _ in .answer(status, ["Location": location, "Retry-After": "7"]) }) {
                receiver in
                try await sending(options()) { sender in
                    let report = await sender.deliver(
                        alert, to: try endpoint("http://hooks.example:\(receiver.port)/"), attempt: 1)
                    #expect(report.status == status)
                    switch report.outcome {
                    case .delivered: #expect(expected == "delivered")
                    case .refused: #expect(expected == "refused")
                    case .failed(_, let retryAfter): #expect(expected == "failed" && retryAfter == .seconds(7))
                    }
                }
                #expect(receiver.requests.count == 1)
            }
            #expect(elsewhere.connections == 0)
        }
    }

    @Test("A receiver that says nothing, hangs up or is not there has failed, in time")
    func noAnswer() async throws {
        let reply = Mutex(ReceiverReply.silence)
        try await TestReceiver.run(script: { _ in reply.withLock { $0 } }) { receiver in
            try await sending(options(timeout: .milliseconds(300))) { sender in
                let target = try endpoint("http://hooks.example:\(receiver.port)/")
                let silent = await sender.deliver(alert, to: target, attempt: 1)
                #expect(silent.outcome == .failed(reason: "did not answer in time", retryAfter: nil))
                #expect(silent.duration < .seconds(3))
                reply.withLock { $0 = .close }
                guard case .failed = await sender.deliver(alert, to: target, attempt: 1).outcome else {
                    Issue.record("hanging up is no delivery")
                    return
                }
                let nobody = try endpoint("http://hooks.example:1/")
                guard case .failed = await sender.deliver(alert, to: nobody, attempt: 1).outcome else {
                    Issue.record("nobody is there")
                    return
                }
            }
        }
    }

    @Test("An answer without end does no harm")
    func babble() async throws {
        try await TestReceiver.run(script: { _ in .babble }) { receiver in
            try await sending(options()) { sender in
                let report = await sender.deliver(
                    alert, to: try endpoint("http://hooks.example:\(receiver.port)/"), attempt: 1)
                #expect(report.outcome == .delivered)
                #expect(report.duration < .seconds(4))
            }
        }
    }

    @Test("A delivery that is cancelled ends at once")
    func cancellation() async throws {
        try await TestReceiver.run(script: { _ in .silence }) { receiver in
            try await sending(options(timeout: .seconds(60))) { sender in
                let target = try endpoint("http://hooks.example:\(receiver.port)/")
                let delivery = Task { await sender.deliver(alert, to: target, attempt: 1) }
                try await eventually("the request is there") { receiver.requests.count == 1 }
                delivery.cancel()
                let report = await delivery.value
                #expect(report.duration < .seconds(10) && report.outcome != .delivered)
            }
        }
    }

    @Test("A name that leads to an address that is not allowed is not connected to")
    func forbidden() async throws {
        try await TestReceiver.run { receiver in
            let target = try endpoint("http://hooks.example:\(receiver.port)/")
            for answer in [["127.0.0.1"], ["127.0.0.1", "::1"], ["::ffff:127.0.0.1"]] {
                try await sending(options([]), resolver: FixedResolver(answer)) { sender in
                    let report = await sender.deliver(alert, to: target, attempt: 1)
                    guard case .failed(let reason, _) = report.outcome else {
                        Issue.record("it was delivered")
                        return
                    }
                    #expect(reason == "webhooks may not go there: 127.0.0.1 is this machine's own")
                }
            }
            // Nor an address that stands in the URL, should the policy have changed since.
            try await sending(options([])) { sender in
                let literal = try endpoint("http://127.0.0.1:\(receiver.port)/")
                #expect(await sender.deliver(alert, to: literal, attempt: 1).status == nil)
            }
            #expect(receiver.connections == 0)
        }
    }

    @Test("The address that was checked is the one that is connected to, whatever the name leads to besides")
    func pinned() async throws {
        try await TestReceiver.run(host: "127.0.0.2") { checked in
            try await TestReceiver.run(host: "127.0.0.1", port: checked.port) { other in
                // The system's resolver says 127.0.0.1 for localhost, and so does this one beside the checked address.
                let resolver = FixedResolver(["127.0.0.1", "127.0.0.2"], ["127.0.0.2"], ["127.0.0.1"])
                let target = try endpoint("http://localhost:\(checked.port)/")
                try await sending(options(["127.0.0.2"]), resolver: resolver) { sender in
                    #expect(await sender.deliver(alert, to: target, attempt: 1).outcome == .delivered)
                    #expect(await sender.deliver(alert, to: target, attempt: 2).outcome == .delivered)
                    // The name leads elsewhere now, while a connection to where it led is still open.
                    #expect(await sender.deliver(alert, to: target, attempt: 3).status == nil)
                }
                #expect(resolver.questions == ["localhost", "localhost", "localhost"])
                #expect(other.connections == 0)
            }
            #expect(checked.requests.count == 2 && checked.connections == 1)
        }
    }

    @Test("Each attempt tries another of the addresses that are allowed")
    func addresses() async throws {
        try await TestReceiver.run(host: "127.0.0.2") { receiver in
            let target = try endpoint("http://hooks.example:\(receiver.port)/")
            let resolver = FixedResolver(["127.0.0.3", "127.0.0.2"])
            try await sending(options(), resolver: resolver) { sender in
                #expect(await sender.deliver(alert, to: target, attempt: 1).status == nil)
                #expect(await sender.deliver(alert, to: target, attempt: 2).outcome == .delivered)
            }
        }
    }

    @Test("A certificate must be of an authority that is known, and for the host of the URL")
    func certificates() async throws {
        let material = try WebhookMaterial.shared.get()
        try await TestReceiver.run(tls: material.serverContext) { receiver in
            let target = try endpoint("https://hooks.example:\(receiver.port)/")
            try await sending(options(roots: material.authority)) { sender in
                #expect(await sender.deliver(alert, to: target, attempt: 1).outcome == .delivered)
                let other = try endpoint("https://other.example:\(receiver.port)/")
                #expect(await sender.deliver(alert, to: other, attempt: 1).status == nil)
            }
            try await sending(options()) { sender in
                #expect(await sender.deliver(alert, to: target, attempt: 1).status == nil)
            }
            #expect(receiver.requests.count == 1)
        }
    }

    @Test("A name that nobody knows is a failure in words, from the system's resolver too")
    func resolution() async throws {
        try await sending(options(), resolver: FixedResolver([])) { sender in
            let report = await sender.deliver(alert, to: try endpoint("https://hooks.example/"), attempt: 1)
            #expect(
                report.outcome
                    == .failed(reason: "the address of hooks.example is not known: no such host", retryAfter: nil))
        }
        let system = SystemResolver()
        #expect(try await system.addresses(of: "127.0.0.1") == [NetworkAddress("127.0.0.1")!])
        await #expect(throws: ResolutionError.self) { try await system.addresses(of: "no-such-host.invalid") }
    }

    @Test("A secret that is too short is refused, and endpoints that are printed don't show theirs")
    func secrets() throws {
        let url = try WebhookURL("https://hooks.example/", policy: TargetPolicy())
        #expect(throws: WebhookError.secretTooShort(minimumBytes: 16)) {
            try WebhookEndpoint(name: "desk", url: url, secret: Array("short".utf8), revision: 1)
        }
        let endpoint = try WebhookEndpoint(name: "desk", url: url, secret: Self.secret, revision: 1)
        #expect("\(endpoint)" == "webhook desk to https://hooks.example/")
    }

    @Test("All alerts reach a receiver that fails every third request, each user's in order")
    func wholeChannel() async throws {
        let source = MemoryAlerts()
        let cursors = MemoryCursors()
        let count = Mutex(0)
        try await TestReceiver.run(script: { _ in
            count.withLock { count in
                count += 1
                return count.isMultiple(of: 3) ? .answer(500) : .answer(200)
            }
        }) { receiver in
            try await sending(options()) { sender in
                let channel = WebhookChannel(
                    try endpoint("http://hooks.example:\(receiver.port)/"), sender: sender,
                    options: .quick(attempts: 50))
                var logger = Logger(label: "test")
                logger.logLevel = .critical
                let deliverer = AlertDeliverer(source: source, cursors: cursors.view(of: 0), logger: logger)
                source.raise(100)
                deliverer.setChannels([channel])
                deliverer.setLeading(true)
                let running = Task { await deliverer.run() }
                source.raise(100)
                try await eventually("the cursor is at the end") {
                    cursors.state.withLock { $0.cursors["webhook:desk"] } == source.raised.last?.position
                }
                running.cancel()
                await running.value
            }
            var seen: Set<String> = []
            let ids = receiver.requests.compactMap { $0.headers["Redoubt-Alert-Id"].first }.filter {
                seen.insert($0).inserted
            }
            #expect(ids.count == 200)
            let users = Dictionary(uniqueKeysWithValues: source.raised.map { ($0.id, $0.userKey) })
            let order = Dictionary(grouping: ids) { users[$0]! }
            #expect(order == byUser(source.raised))
        }
    }
}
