import Deliveries
import Gateway
import Logging
import Pipeline
import ServiceLifecycle
import Synchronization
import Testing

@Suite("Alerts are streamed over HTTPS as they come", .serialized)
struct AlertStreamTests {
    /// Runs `body` against a gateway whose node streams what the source is given.
    private static func run(
        _ options: AlertStream.Options = .init(), configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (TestGateway, MemoryAlertSource) async throws -> Void
    ) async throws {
        let source = MemoryAlertSource()
        var logger = Logger(label: "gateway-test")
        logger.logLevel = .critical
        let stream = AlertStream(source: source, options: options, logger: logger)
        let running = Task { await stream.run() }
        defer { running.cancel() }
        try await TestGateway.run(configure: configure) { gateway in
            gateway.backend.desk.state.withLock { $0.stream = stream }
            try await body(gateway, source)
        }
    }

    @Test("Each piece arrives when it is made")
    func pieces() async throws {
        try await Self.run { gateway, source in
            source.publish(4, "{}")
            let client = try await EventStreamClient(gateway, "/alerts/stream", options: ["--raw"])
            try await client.hears("id: 4.0\n\n")
            let head = client.text.lowercased()
            #expect(head.hasPrefix("http/1.1 200 ok\r\n"))
            for field in [
                "content-type: text/event-stream", "cache-control: no-store", "x-accel-buffering: no",
                "transfer-encoding: chunked", "connection: close",
            ] { #expect(head.contains("\r\n\(field)\r\n"), "\(field)") }
            #expect(!head.contains("content-length"))
            source.publish(7, #"{"n":7}"#)
            try await client.hears("id: 7.0\nevent: alert\ndata: {\"n\":7}\n\n")
            #expect(!client.text.contains("id: 9.0"))
            source.publish(9, #"{"n":9}"#)
            try await client.hears("id: 9.0\nevent: alert\ndata: {\"n\":9}\n\n")
        }
    }

    @Test("A client that comes back gets what it missed, by header or query; the header knows better")
    func resumption() async throws {
        try await Self.run { gateway, source in
            for index in 1...5 { source.publish(UInt64(index), #"{"n":\#(index)}"#) }
            let requests = [
                ("/alerts/stream", ["Last-Event-ID: 3.0"]), ("/alerts/stream?last_event_id=3.0", []),
                ("/alerts/stream?last_event_id=3%2E0", []),
                ("/alerts/stream?last_event_id=1.0", ["Last-Event-ID: 3.0"]),
            ]
            for (target, headers) in requests {
                let client = try await EventStreamClient(gateway, target, headers: headers)
                try await client.hears(#"data: {"n":5}"#)
                #expect(client.text.contains("id: 3.0\n\n"), "\(target)")
                #expect(client.text.contains(#"data: {"n":4}"#), "\(target)")
                #expect(!client.text.contains(#"data: {"n":3}"#), "\(target)")
            }
        }
    }

    @Test("What is no position is a 400 that names where it stands")
    func badPositions() async throws {
        try await Self.run { gateway, _ in
            for text in ["x", "1", "1.", "01.0", "1.0.0", "-1.0", "9223372036854775808.0", "1.4294967296"] {
                let header = try await gateway.request("GET", "/alerts/stream", headers: ["Last-Event-ID: \(text)"])
                #expect(header.status == 400, "\(text)")
                #expect(try header.faults("malformed-request").keys.sorted() == ["Last-Event-ID"], "\(text)")
                let query = try await gateway.request("GET", "/alerts/stream?last_event_id=\(text)")
                #expect(query.status == 400, "\(text)")
                #expect(try query.faults("malformed-request").keys.sorted() == ["last_event_id"], "\(text)")
            }
            let unknown = try await gateway.request("GET", "/alerts/stream?after=1.0")
            #expect(try unknown.faults("invalid-request").keys.sorted() == ["after"])
        }
    }

    @Test("A client of HTTP/1.0 gets the same without chunks")
    func oldHTTP() async throws {
        try await Self.run { gateway, source in
            let client = try await EventStreamClient(gateway, "/alerts/stream", options: ["--raw", "-0"])
            try await client.hears("id: 0.0\n\n")
            source.publish(7, #"{"n":7}"#)
            try await client.hears("\n\nid: 7.0\nevent: alert\ndata: {\"n\":7}\n\n")
            #expect(!client.text.lowercased().contains("transfer-encoding"))
        }
    }

    @Test("One stream too many is a 429 that says when to come again; a client that goes makes room")
    func bound() async throws {
        try await Self.run(.init(subscribers: 1)) { gateway, source in
            let client = try await EventStreamClient(gateway, "/alerts/stream")
            try await client.hears("id: 0.0\n\n")
            let refused = try await gateway.request("GET", "/alerts/stream")
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] == "10")
            _ = try refused.problem("overloaded")
            client.leave()
            let next = try await Self.place(gateway)
            source.publish(7, #"{"n":7}"#)
            try await next.hears(#"data: {"n":7}"#)
        }
    }

    /// A client that has got a place in the end.
    private static func place(_ gateway: TestGateway) async throws -> EventStreamClient {
        var client = try await EventStreamClient(gateway, "/alerts/stream")
        try await eventually {
            try await eventually { client.text.contains("\r\n\r\n") }
            if client.text.hasPrefix("HTTP/1.1 200") {
                // Only now it is among the listeners.
                try await client.hears("\n\n")
                return true
            }
            client = try await EventStreamClient(gateway, "/alerts/stream")
            return false
        }
        return client
    }

    @Test("Open streams are no requests in work, and are not closed for silence")
    func bystanders() async throws {
        try await Self.run(.init(heartbeat: .milliseconds(100))) {
            $0.maxRequestsInFlight = 1
            $0.idleTimeoutMilliseconds = 300
        } _: { gateway, source in
            var clients: [EventStreamClient] = []
            for _ in 0..<2 {
                let client = try await EventStreamClient(gateway, "/alerts/stream")
                try await client.hears("id: 0.0\n\n")
                clients.append(client)
            }
            #expect(try await gateway.request("GET", "/alerts").status == 200)
            let beats = String(repeating: ": heartbeat\n\n", count: 8)
            for client in clients { try await client.hears(beats) }
            source.publish(7, #"{"n":7}"#)
            for client in clients { try await client.hears(#"data: {"n":7}"#) }
        }
    }

    @Test("Who reads nothing holds nobody up, and is let go of")
    func slowReader() async throws {
        try await Self.run(.init(subscribers: 2)) {
            $0.streamWriteTimeoutMilliseconds = 5_000
        } _: { gateway, source in
            let slow = try await EventStreamClient(gateway, "/alerts/stream")
            try await slow.hears("id: 0.0\n\n")
            let quick = try await EventStreamClient(gateway, "/alerts/stream")
            try await quick.hears("id: 0.0\n\n")
            slow.stopReading()
            // More than all buffers on the way hold.
            let long = String(repeating: "x", count: 1 << 20)
            for index in 1...24 { source.publish(UInt64(index), "\"\(long)\"") }
            source.publish(25, #"{"n":25}"#)
            try await quick.hears(#"data: {"n":25}"#)
            let next = try await Self.place(gateway)
            source.publish(26, #"{"n":26}"#)
            try await next.hears(#"data: {"n":26}"#)
            #expect(!slow.text.contains(#"data: {"n":26}"#))
        }
    }

    @Test("A server that stops ends its streams, and ends soon")
    func shutdown() async throws {
        try await Self.run { gateway, _ in
            let client = try await EventStreamClient(gateway, "/alerts/stream")
            try await client.hears("id: 0.0\n\n")
            await gateway.services.triggerGracefulShutdown()
            // Nought: the body came to its end.
            #expect(try await client.ended() == 0)
            try await gateway.stopped()
        }
    }

    @Test("A node that is stopping says so; a stream that is closed says why it ends")
    func closing() async throws {
        try await Self.run { gateway, _ in
            let client = try await EventStreamClient(gateway, "/alerts/stream")
            try await client.hears("id: 0.0\n\n")
            gateway.backend.desk.state.withLock { state in
                state.stream?.close()
                state.stream = nil
            }
            try await client.hears("event: end\ndata: {\"reason\":\"stopping\",\"last_event_id\":\"0.0\"}\n\n")
            #expect(try await client.ended() == 0)
            let refused = try await gateway.request("GET", "/alerts/stream")
            #expect(refused.status == 503)
            #expect(refused.headers["retry-after"] == "2")
        }
    }
}
