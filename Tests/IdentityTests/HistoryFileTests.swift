import Foundation
import Identity
import Testing

private struct HistoryEvent: Codable, Equatable, Sendable {
    enum Kind: String, Codable, Sendable { case leader, membership }

    var time: String
    var kind: Kind
    var term: UInt64
    var index: UInt64
    var detail: String
}

@Suite struct HistoryFileTests {
    private func event(_ number: Int, detail: String = "n2 leads") -> HistoryEvent {
        HistoryEvent(
            time: "2026-01-02T03:04:05.000006Z", kind: .leader, term: UInt64(number), index: UInt64(number * 10),
            detail: detail)
    }

    @Test func `events come back, newest last, also after reopening`() throws {
        let directory = try TestDirectory()
        let path = directory.path + "/history.jsonl"
        let file = try HistoryFile<HistoryEvent>(path: path)
        #expect(try file.newest(10) == [])
        for number in 1...5 { try file.append(event(number, detail: "a \"word\"\nand ü \(number)")) }
        #expect(try file.newest(2).map(\.term) == [4, 5])
        let again = try HistoryFile<HistoryEvent>(path: path)
        try again.append(event(6))
        #expect(try again.newest(100).map(\.term) == [1, 2, 3, 4, 5, 6])
        #expect(try again.newest(6)[4].detail == "a \"word\"\nand ü 5")
    }

    @Test func `both files together stay within the bound, and the newest half is always there`() throws {
        let directory = try TestDirectory()
        let path = directory.path + "/history.jsonl"
        let file = try HistoryFile<HistoryEvent>(path: path, maximumBytes: 16 << 10)
        for number in 1...400 {
            try file.append(event(number, detail: String(repeating: "x", count: 1000)))
            let sizes = [path, path + ".1"].map { FileManager.default.contents(atPath: $0)?.count ?? 0 }
            #expect(sizes[0] + sizes[1] <= 16 << 10)
            let newest = try file.newest(5).map { Int($0.term) }
            #expect(newest == Array(max(1, number - 4)...number))
        }
    }

    @Test func `a line that a crash cut short at any byte is dropped, and the next one is whole`() throws {
        let directory = try TestDirectory()
        let path = directory.path + "/history.jsonl"
        let file = try HistoryFile<HistoryEvent>(path: path)
        for number in 1...2 { try file.append(event(number)) }
        let whole = try #require(FileManager.default.contents(atPath: path))
        let first = try #require(whole.firstIndex(of: UInt8(ascii: "\n"))) + 1
        for length in first..<whole.count {
            try whole[..<length].write(to: URL(fileURLWithPath: path))
            let again = try HistoryFile<HistoryEvent>(path: path)
            try again.append(event(3))
            #expect(try again.newest(10).map(\.term) == [1, 3], "cut at \(length)")
        }
    }

    @Test func `a line that is no event is left out`() throws {
        let directory = try TestDirectory()
        let path = directory.path + "/history.jsonl"
        try Data("{}\nnonsense\n".utf8).write(to: URL(fileURLWithPath: path))
        let file = try HistoryFile<HistoryEvent>(path: path)
        try file.append(event(1))
        #expect(try file.newest(10).map(\.term) == [1])
    }
}
