import Foundation
import Gateway
import Testing

@Suite("An operator's mistakes are refused by name, and nothing of them is done", .serialized)
struct AdministrationInputTests {
    /// A sound member with one field changed; nil takes it out.
    private static func member(_ field: String? = nil, _ value: String? = nil, adding: String = "") -> String {
        var fields = ["number": "4", "peer_address": #""h:7104""#, "url": #""https://h:8444""#]
        if let field { fields[field] = value }
        return "{" + fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
            + adding + "}"
    }

    /// The faults of a request that must not reach the node.
    private func refused(
        _ method: String, _ path: String, _ body: String, _ status: Int = 422, _ slug: String = "invalid-fields",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [String: String] {
        var faults: [String: String] = [:]
        try await TestGateway.run { gateway in
            let response = try await gateway.administer(method, path, body)
            #expect(response.status == status, sourceLocation: sourceLocation)
            #expect(gateway.backend.operations.calls.isEmpty, sourceLocation: sourceLocation)
            faults = try response.faults(slug, sourceLocation: sourceLocation)
        }
        return faults
    }

    private static let numberFault = "must be a whole number from 1 to 65535"

    @Test(
        "A number that is none of 1 to 65535 is refused",
        arguments: ["0", "65536", "-1", "1.5", "1e2", "99999999999999999999"])
    func numberBounds(value: String) async throws {
        let faults = try await refused("POST", "/cluster/members", Self.member("number", value))
        #expect(faults == ["number": Self.numberFault])
    }

    @Test("A number in quotes is refused")
    func numberType() async throws {
        let faults = try await refused("POST", "/cluster/members", Self.member("number", #""4""#))
        #expect(faults == ["number": "must be a whole number, not a string"])
    }

    @Test(
        "A peer address that is no host:port is refused",
        arguments: [
            "", "h", "h:", ":7104", "h:0", "h:65536", "h:x", "h:+1", "h h:1", "[::1", "[::1]", "[h]:1", "::1:7104",
            "h:1/",
            "hö:1", "u@h:1",
        ])
    func peerAddress(value: String) async throws {
        let faults = try await refused("POST", "/cluster/members", Self.member("peer_address", "\"\(value)\""))
        #expect(faults.keys.sorted() == ["peer_address"])
        #expect(faults["peer_address"]?.hasPrefix("must be host:port") == true)
    }

    @Test("A peer address past its bound is refused")
    func longPeerAddress() async throws {
        let value = "\"" + String(repeating: "h", count: 300) + ":1\""
        let faults = try await refused("POST", "/cluster/members", Self.member("peer_address", value))
        #expect(faults == ["peer_address": "must have at most 300 bytes"])
    }

    @Test(
        "A URL that is no https://host:port is refused",
        arguments: ["", "h:8444", "http://h:8444", "https://", "https://h:8444/", "https://h/x", "https://h:99999"])
    func url(value: String) async throws {
        let faults = try await refused("POST", "/cluster/members", Self.member("url", "\"\(value)\""))
        #expect(faults == ["url": "must be https://host:port, without a path"])
    }

    @Test("A URL past its bound is refused")
    func longURL() async throws {
        let value = "\"https://" + String(repeating: "h", count: 512) + "\""
        let faults = try await refused("POST", "/cluster/members", Self.member("url", value))
        #expect(faults == ["url": "must have at most 512 bytes"])
    }

    @Test("A promotion that is neither true nor false is refused")
    func promote() async throws {
        let faults = try await refused("POST", "/cluster/members", Self.member("promote", #""yes""#))
        #expect(faults == ["promote": "must be true or false, not a string"])
    }

    @Test("Missing, null, unknown and repeated fields are named together")
    func fields() async throws {
        let body = #"{"number":4,"number":5,"peer_address":null,"adress":"h:1"}"#
        let faults = try await refused("POST", "/cluster/members", body)
        #expect(
            faults == [
                "peer_address": "is required and must not be null", "url": "is required",
                "number": "stands in the document more than once",
                "adress": "is not a field here; known are number, peer_address, url, promote",
            ])
    }

    @Test("Of many unknown fields some are listed")
    func manyFields() async throws {
        let strangers = (0..<100).map { #","x\#($0)":1"# }.joined()
        let faults = try await refused("POST", "/cluster/members", Self.member(adding: strangers))
        #expect(faults.count == 32)
    }

    @Test(
        "A body that is not JSON is a 400 that tells the byte",
        arguments: ["{", "", "[]", "4", "{}x", #"{"number":04}"#])
    func malformed(body: String) async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.administer("POST", "/cluster/members", body)
            #expect(response.status == 400)
            let detail = try response.problem("malformed-document")["detail"] as? String
            #expect(detail?.hasPrefix("not JSON at byte ") == true)
            #expect(gateway.backend.operations.calls.isEmpty)
        }
    }

    @Test("Depth has a bound")
    func depth() async throws {
        let deep = String(repeating: #"{"a":"#, count: 100) + "1" + String(repeating: "}", count: 100)
        _ = try await refused("POST", "/cluster/members", deep, 400, "malformed-document")
    }

    @Test("A body past its bound is a 413")
    func tooLarge() async throws {
        let body = Self.member(adding: String(repeating: " ", count: 4096))
        _ = try await refused("POST", "/cluster/members", body, 413, "too-large")
    }

    @Test("Another content type is a 415")
    func contentType() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.request(
                "POST", "/cluster/members", headers: ["Content-Type: text/plain"], body: Array(Self.member().utf8))
            #expect(response.status == 415)
            _ = try response.problem("unsupported-content-type")
            #expect(gateway.backend.operations.calls.isEmpty)
        }
    }

    @Test("A path with what is no member's number is a 404", arguments: ["0", "65536", "x", "1/2", "-1", ""])
    func memberPath(parameter: String) async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.request("DELETE", "/cluster/members/\(parameter)")
            #expect(response.status == 404)
            _ = try response.problem("not-found")
            #expect(gateway.backend.operations.calls.isEmpty)
        }
    }

    @Test("A replacement without a new member is refused")
    func replacementMissing() async throws {
        #expect(try await refused("POST", "/cluster/replace", #"{"number":3}"#) == ["by": "is required"])
    }

    @Test("A replacement's new member must be an object")
    func replacementType() async throws {
        let faults = try await refused("POST", "/cluster/replace", #"{"number":3,"by":4}"#)
        #expect(faults == ["by": "must be an object, not a number"])
    }

    @Test("Faults of a replacement's new member are named with their place")
    func replacementFaults() async throws {
        let body = #"{"number":0,"by":{"number":0,"peer_address":"h","url":"https://h","extra":1}}"#
        let faults = try await refused("POST", "/cluster/replace", body)
        #expect(faults["number"] == Self.numberFault)
        #expect(faults["by.number"] == Self.numberFault)
        #expect(faults["by.peer_address"]?.hasPrefix("must be host:port") == true)
        #expect(faults["by.extra"]?.hasPrefix("is not a field here") == true)
        #expect(faults.count == 4)
    }

    @Test("A target that is no member's number is refused", arguments: ["0", "65536"])
    func targetBounds(value: String) async throws {
        let faults = try await refused("POST", "/cluster/leader", #"{"target":\#(value)}"#)
        #expect(faults == ["target": Self.numberFault])
    }

    @Test("A misspelt target is not taken for none")
    func misspeltTarget() async throws {
        let faults = try await refused("POST", "/cluster/leader", #"{"traget":2}"#)
        #expect(faults == ["traget": "is not a field here; known are target"])
    }

    @Test("Maintenance without a word on or off is refused")
    func maintenanceMissing() async throws {
        #expect(try await refused("PUT", "/cluster/maintenance", "{}") == ["enabled": "is required"])
    }

    @Test("Maintenance that is neither true nor false is refused")
    func maintenanceType() async throws {
        let faults = try await refused("PUT", "/cluster/maintenance", #"{"enabled":1}"#)
        #expect(faults == ["enabled": "must be true or false, not a number"])
    }

    @Test("A limit of the history past its bounds is refused", arguments: ["0", "1001", "ten", ""])
    func historyLimit(value: String) async throws {
        let faults = try await refused("GET", "/cluster/history?limit=\(value)", "", 422, "invalid-request")
        #expect(faults == ["limit": "must be a whole number from 1 to 1000"])
    }

    @Test("A query where none belongs is refused, for every route")
    func strayQuery() async throws {
        try await TestGateway.run { gateway in
            for (method, path, body) in AdministrationTests.requests {
                let response = try await gateway.administer(method, path + "?force=true", body)
                #expect(response.status == 422, "\(path)")
                #expect(try response.faults("invalid-request").keys.sorted() == ["force"])
            }
            #expect(gateway.backend.operations.calls.isEmpty)
        }
    }

    @Test("Another method is a 405 that tells the allowed one, for every route")
    func methods() async throws {
        try await TestGateway.run { gateway in
            for (method, path, _) in AdministrationTests.requests {
                let response = try await gateway.request("PATCH", path)
                #expect(response.status == 405)
                #expect(response.headers["allow"] == method)
            }
        }
    }
}
