import Foundation
import Gateway
import Testing

@Suite("Bad input over HTTPS is refused by name, and nothing of it is taken", .serialized)
struct BadInputTests {
    /// The response to a document that must not reach the node.
    private func refused(
        _ document: String, _ status: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> TestResponse {
        var refusal: TestResponse?
        try await TestGateway.run { gateway in
            let response = try await gateway.post(document)
            #expect(response.status == status, sourceLocation: sourceLocation)
            #expect(gateway.backend.submissions.isEmpty, sourceLocation: sourceLocation)
            refusal = response
        }
        return try #require(refusal)
    }

    @Test("Malformed JSON is a 400 that tells the byte")
    func malformedJSON() async throws {
        let response = try await refused(#"{"user_id":"u","amount":1"#, 400)
        let detail = try response.problem("malformed-document")["detail"] as? String
        #expect(detail == "not JSON at byte 25: the document ends too early")
    }

    @Test("Every field of a wrong type is named in one answer")
    func wrongTypes() async throws {
        let document = TestGateway.document(["user_id": "1", "amount": "true", "merchant": "[]", "location": "{}"])
        let response = try await refused(document, 422)
        #expect(
            try response.faults("invalid-fields") == [
                "user_id": "must be a string, not a number",
                "amount": "must be a number or a string, not a boolean",
                "merchant": "must be a string, not an array",
                "location": "must be a string, not an object",
            ])
    }

    @Test("Missing and unknown fields are named together")
    func missingAndUnknownFields() async throws {
        let response = try await refused(#"{"user":"u","amount":"1"}"#, 422)
        let faults = try response.faults("invalid-fields")
        #expect(faults.keys.sorted() == ["currency", "location", "merchant", "user", "user_id"])
        #expect(faults["user"] == "is not a field of a transaction")
        #expect(faults["currency"] == "is required")
    }

    @Test("An unknown currency is refused")
    func unknownCurrency() async throws {
        let response = try await refused(TestGateway.document(["currency": #""EUX""#]), 422)
        #expect(try response.faults("invalid-fields").keys.sorted() == ["currency"])
    }

    @Test("More decimals than the currency has are refused", arguments: [("EUR", "1.005"), ("JPY", "10.5")])
    func tooManyDecimals(currency: String, amount: String) async throws {
        let response = try await refused(TestGateway.document(["currency": "\"\(currency)\"", "amount": amount]), 422)
        #expect(try response.faults("invalid-fields")["amount"]?.hasPrefix("must have at most") == true)
    }

    @Test("A negative amount is refused", arguments: ["-1", "\"-0.01\"", "-0"])
    func negativeAmount(amount: String) async throws {
        let response = try await refused(TestGateway.document(["amount": amount]), 422)
        #expect(try response.faults("invalid-fields") == ["amount": "must not be negative"])
    }

    @Test("A huge amount is refused", arguments: ["10000000000000.00", "99999999999999999999999999999999999999"])
    func hugeAmount(amount: String) async throws {
        let response = try await refused(TestGateway.document(["amount": amount]), 422)
        #expect(try response.faults("invalid-fields")["amount"]?.hasPrefix("exceeds the maximum") == true)
    }

    @Test("An exponent is refused, for amounts are plain decimals")
    func exponent() async throws {
        let response = try await refused(TestGateway.document(["amount": "1e3"]), 422)
        #expect(try response.faults("invalid-fields").keys.sorted() == ["amount"])
    }

    @Test("A string of a megabyte is a 413")
    func megabyteString() async throws {
        let document = TestGateway.document(["merchant": "\"" + String(repeating: "x", count: 1 << 20) + "\""])
        let response = try await refused(document, 413)
        #expect(try response.problem("too-large")["detail"] as? String == "the body is larger than 65536 bytes")
    }

    @Test("A megabyte in chunks, its length untold, is a 413 as well")
    func megabyteInChunks() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.request(
                "POST", "/transactions", headers: ["Content-Type: application/json", "Transfer-Encoding: chunked"],
                body: [UInt8](repeating: 0x20, count: 1 << 20))
            #expect(response.status == 413)
            _ = try response.problem("too-large")
        }
    }

    @Test("Bytes that are not UTF-8 are a 400")
    func invalidUTF8() async throws {
        try await TestGateway.run { gateway in
            var document = Array(TestGateway.document().utf8)
            document.insert(0xFF, at: try #require(document.firstIndex(of: UInt8(ascii: "B"))))
            let response = try await gateway.request(
                "POST", "/transactions", headers: ["Content-Type: application/json"], body: document)
            #expect(response.status == 400)
            let detail = try response.problem("malformed-document")["detail"] as? String
            #expect(detail?.hasSuffix("the bytes are not UTF-8") == true)
        }
    }

    @Test("A key that stands twice is refused")
    func duplicateKeys() async throws {
        let document = TestGateway.document().dropLast() + #","amount":"1"}"#
        let response = try await refused(String(document), 422)
        #expect(
            try response.faults("invalid-fields") == ["amount": "stands in the document more than once"])
    }

    @Test("Another content type is a 415")
    func contentType() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.request(
                "POST", "/transactions", headers: ["Content-Type: application/x-www-form-urlencoded"],
                body: Array("amount=1".utf8))
            #expect(response.status == 415)
            _ = try response.problem("unsupported-content-type")
        }
    }

    @Test("An Idempotency-Key that is not visible ASCII of 1 to 255 is refused", arguments: ["a b", "", "long"])
    func idempotencyKey(key: String) async throws {
        try await TestGateway.run { gateway in
            let key = key == "long" ? String(repeating: "k", count: 256) : key
            // curl sends an empty header only when it ends in a semicolon.
            let header = key.isEmpty ? "Idempotency-Key;" : "Idempotency-Key: \(key)"
            let response = try await gateway.post(TestGateway.document(), headers: [header])
            #expect(response.status == 422)
            #expect(try response.faults("invalid-request").keys.sorted() == ["Idempotency-Key"])
        }
    }

    @Test("A batch with faults is refused whole, by line and field")
    func batchFaults() async throws {
        try await TestGateway.run { gateway in
            let lines = [
                TestGateway.document(), "", TestGateway.document(["amount": "1.234", "currency": #""EUR""#]),
                TestGateway.document(["user_id": "null"]),
            ]
            let response = try await gateway.postBatch(lines.joined(separator: "\r\n"))
            #expect(response.status == 422)
            #expect(
                try response.faults("invalid-fields") == [
                    "3:amount": "must have at most 2 decimals in EUR", "4:user_id": "is required and must not be null",
                ])
            #expect(gateway.backend.submissions.isEmpty)
        }
    }

    @Test("A line of a batch that is not JSON makes it a 400")
    func batchSyntax() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.postBatch(TestGateway.document() + "\n{oops}\n")
            #expect(response.status == 400)
            #expect(
                try response.faults("malformed-document") == [
                    "2:": "not JSON at byte 1 of the line: a string is expected"
                ])
        }
    }

    @Test("Of many faults in a batch a hundred are listed")
    func batchManyFaults() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.postBatch(String(repeating: "{}\n", count: 50))
            #expect(response.status == 422)
            #expect(try response.faults("invalid-fields").count == 100)
            let detail = try response.problem("invalid-fields")["detail"] as? String
            #expect(
                detail == "nothing of the batch was taken: it has 250 faults, of which the first 100 are listed")
        }
    }

    @Test("A batch with too many lines or bytes is a 413, an empty one a 400")
    func batchBounds() async throws {
        try await TestGateway.run {
            $0.maxBatchLines = 2
            $0.maxBatchBytes = 1000
        } _: { gateway in
            let line = TestGateway.document() + "\n"
            let tooManyLines = try await gateway.postBatch(String(repeating: line, count: 3))
            #expect(tooManyLines.status == 413)
            let tooManyBytes = try await gateway.postBatch(String(repeating: " ", count: 1001))
            #expect(tooManyBytes.status == 413)
            let blank = try await gateway.postBatch("\n\r\n")
            #expect(blank.status == 400)
            let sound = try await gateway.postBatch(String(repeating: line, count: 2))
            #expect(sound.status == 202)
        }
    }
}
