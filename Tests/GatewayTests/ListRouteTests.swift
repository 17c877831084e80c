import Detection
import Pipeline
import Synchronization
import Testing

@Suite("Lists are read and changed over HTTPS", .serialized)
struct ListRouteTests {
    @Test("All lists are told, and one with its entries, part by part")
    func get() async throws {
        try await TestGateway.run { gateway in
            let lists = try #require(
                try await gateway.request("GET", "/lists").json()["lists"] as? [[String: Any]])
            #expect(lists.first?["kind"] as? String == "device")
            let page = try await gateway.request("GET", "/lists/blocked_devices?offset=7&limit=1").json()
            let entries = try #require(page["entries"] as? [[String: Any]])
            #expect(entries.first?["value"] as? String == "d-17")
            #expect(page["next_offset"] as? Int == 1)
            #expect(gateway.backend.engine.calls == [.readList("blocked_devices", offset: 7, limit: 1)])
            #expect(try await gateway.request("GET", "/lists/none").status == 404)
            #expect(try await gateway.request("GET", "/lists/blocked_devices?offset=-1").status == 422)
            #expect(try await gateway.request("GET", "/lists/blocked_devices?limit=1001").status == 422)
        }
    }

    @Test("A list is made or replaced, with or without entries")
    func put() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let full = #"{"kind":"device","description":"stolen","entries":["d-17","ü"]}"#
            #expect(try await gateway.administer("PUT", "/lists/blocked", full).status == 200)
            #expect(try await gateway.administer("PUT", "/lists/empty", #"{"kind":"country"}"#).status == 200)
            #expect(
                gateway.backend.engine.calls == [
                    .putList("blocked", .device, description: "stolen", ["d-17", "ü"], author: "tester"),
                    .putList("empty", .country, description: "", [], author: "tester"),
                ])
        }
    }

    @Test("What is wrong with a list is told by field and place")
    func faults() async throws {
        try await TestGateway.run { gateway in
            let body = #"{"kind":"planet","entries":["d",7],"extra":true}"#
            let response = try await gateway.administer("PUT", "/lists/blocked", body)
            #expect(response.status == 422)
            let faults = try response.faults("invalid-fields")
            #expect(faults.keys.sorted() == ["entries[1]", "extra", "kind"])
            let none = try await gateway.administer("POST", "/lists/blocked/entries", #"{"entries":[]}"#)
            #expect(try none.faults("invalid-fields") == ["entries": "must hold 1 to 10000 values"])
            #expect(gateway.backend.engine.calls.isEmpty)
        }
    }

    @Test("Entries are added and taken out, some at once or one by its path")
    func entries() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let body = #"{"entries":["a","b"]}"#
            let requests = [
                ("POST", "/lists/l/entries", body), ("DELETE", "/lists/l/entries", body),
                ("PUT", "/lists/l/entries/a%2Fb", ""), ("DELETE", "/lists/l/entries/c", ""),
            ]
            for (method, path, body) in requests {
                #expect(try await gateway.administer(method, path, body).status == 200, "\(method) \(path)")
            }
            #expect(
                gateway.backend.engine.calls == [
                    .add("l", ["a", "b"]), .remove("l", ["a", "b"]), .add("l", ["a/b"]), .remove("l", ["c"]),
                ])
        }
    }

    @Test("A list is deleted; one that is not there is a 404")
    func delete() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            #expect(try await gateway.request("DELETE", "/lists/l").status == 200)
            gateway.backend.engine.state.withLock { $0.changes = false }
            #expect(try await gateway.request("DELETE", "/lists/l").status == 404)
        }
    }
}
