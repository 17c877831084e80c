import Commands
import Foundation
import NIOCore
import Testing
import Training

@Suite("Rows of a file as transactions")
struct ReplayRowTests {
    private func render(_ row: String, header: String = "tx_id,timestamp,customer_id,terminal_id,amount") throws
        -> [String: Any]
    {
        let columns = try Array(header.utf8).withUnsafeBytes { try ReplayColumns(header: $0) }
        var buffer = ByteBuffer()
        try Array(row.utf8).withUnsafeBytes { try columns.write(row: $0, currency: "EUR", into: &buffer) }
        let object = try JSONSerialization.jsonObject(with: Data(buffer.readableBytesView))
        return try #require(object as? [String: Any])
    }

    @Test("A row becomes a transaction with an id of its time")
    func row() throws {
        let object = try render("12,2018-04-01T00:00:31Z,596,3156,57.16")
        #expect(object["user_id"] as? String == "596")
        #expect(object["merchant"] as? String == "terminal 3156")
        #expect(object["occurred_at"] as? String == "2018-04-01T00:00:31Z")
        let id = try #require(object["transaction_id"] as? String)
        // 1,522,540,831,000 ms in ten digits of base 32.
        #expect(id.hasPrefix("txn_01C9Z82R8R"))
        #expect(id.count == 30)
    }

    @Test("The same row has the same id, whatever stands beside it, and another row another")
    func identity() throws {
        let id = try render("12,2018-04-01T00:00:31Z,596,3156,57.16")["transaction_id"] as? String
        let wide = try render(
            "1,57.16,12,3156,2018-04-01T00:00:31Z,596",
            header: "is_fraud,amount,tx_id,terminal_id,timestamp,customer_id")
        #expect(wide["transaction_id"] as? String == id)
        #expect(try render("13,2018-04-01T00:00:31Z,596,3156,57.16")["transaction_id"] as? String != id)
    }

    @Test("Times may have a space, a fraction and no Z")
    func times() throws {
        #expect(try render("1,2024-02-29 23:59:59.25,1,1,1")["occurred_at"] as? String == "2024-02-29T23:59:59.25Z")
    }

    @Test(
        "A row that is none is refused",
        arguments: [
            "1,2018-04-01T00:00:31Z,596,3156", "1,yesterday,596,3156,1", "1,2018-13-01T00:00:31Z,596,3156,1",
            "1,2018-04-01T00:00:31Z,596,3156,1e5", "1,2018-04-01T00:00:31Z,596,3156,", "1,2018-04-01T00:00:31Z,,3156,1",
            "1,2018-04-01T00:00:31Z,\"596\",3156,1", "1,2018-04-01T00:00:31.Z,5,3156,1",
        ])
    func malformed(_ row: String) {
        #expect(throws: ReplayColumns.Malformed.self) { try render(row) }
    }

    @Test("A header without a column is refused, and the column named")
    func header() {
        let error = #expect(throws: ReplayColumns.Malformed.self) { try render("", header: "tx_id,timestamp") }
        #expect(error?.reason.contains("customer_id") == true)
    }
}

@Suite("Lines of a file")
struct GzipLinesTests {
    private func lines(of bytes: [UInt8]) throws -> [String] {
        let path = NSTemporaryDirectory() + "redoubt-lines-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let file = try GzipLines(path: path)
        var lines: [String] = []
        while let line = try file.next({ String(decoding: $0, as: UTF8.self) }) { lines.append(line) }
        #expect(file.lineNumber == lines.count)
        return lines
    }

    /// `printf 'a\nbb\n' | gzip -n`
    private static let zipped: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x4B, 0xE4, 0x4A, 0x4A, 0xE2, 0x02, 0x00, 0xF1,
        0xB6, 0x80, 0xF1, 0x05, 0x00, 0x00, 0x00,
    ]

    @Test("Plain files are read, with either line end, and without one at the end")
    func plain() throws {
        #expect(try lines(of: Array("a\r\nb\n\nlast".utf8)) == ["a", "b", "", "last"])
        #expect(try lines(of: []) == [])
    }

    @Test("Lines longer than a piece are whole")
    func long() throws {
        let long = String(repeating: "x", count: 60_000)
        let expected = Array(repeating: long, count: 20)
        #expect(try lines(of: Array(expected.joined(separator: "\n").utf8)) == expected)
    }

    @Test("Gzip files are read, several members in one too")
    func gzip() throws {
        #expect(try lines(of: Self.zipped + Self.zipped) == ["a", "bb", "a", "bb"])
    }

    @Test("A gzip file that was cut is an error, not an end")
    func cut() {
        #expect(throws: GzipLines.Failure.self) { try lines(of: Self.zipped.dropLast(6)) }
    }

    @Test("A line past the bound is refused")
    func endless() {
        #expect(throws: GzipLines.Failure.self) { try lines(of: [UInt8](repeating: 0x78, count: 600_000)) }
    }
}
