import Foundation
import Testing

/// Bugs that consensus implementations have shipped, by their numbers (B1...). Each story and test names those that it
/// would have found, and docs/known-bugs.md tells of all of them.
@Suite("A known bug")
struct KnownBugsTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
    private static let tests = directory.deletingLastPathComponent()

    private static let texts: [String] = {
        let files = [directory, directory.appending(path: "Scenarios")].flatMap { folder in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
            return names.filter { $0 != "KnownBugsTests.swift" }.map { folder.appending(path: $0) }
        }
        return files.compactMap { try? String(contentsOf: $0, encoding: .utf8) }
    }()

    /// The last column of the page's table, by the numbers in the first one.
    private static let rows: [Int: String] = {
        let page = tests.deletingLastPathComponent().appending(path: "docs/known-bugs.md")
        let lines = (try? String(contentsOf: page, encoding: .utf8))?.split(separator: "\n") ?? []
        let rows = lines.filter { $0.hasPrefix("| B") }.compactMap { line -> (Int, String)? in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3, let number = Int(cells[0].dropFirst()) else { return nil }
            return (number, cells[2])
        }
        return Dictionary(rows) { _, _ in "twice" }
    }()

    @Test(
        "that could live in the core has a test",
        arguments: [
            1...3, 5...7, 11...13, 16...16, 19...36, 38...40, 46...56, 61...62,
        ].flatMap(Array.init))
    func hasTest(number: Int) throws {
        let name = try Regex("B\(number)\\b")
        #expect(Self.texts.contains { $0.contains(name) })
    }

    @Test("is on the page of known bugs, with the names of stories and tests that exist", arguments: 1...64)
    func isTold(number: Int) throws {
        let row = try #require(Self.rows[number], "B\(number) has no row")
        #expect(row.contains("story `") || row.contains("“"), "B\(number) names no test")
        for story in row.matches(of: /story `(.*?)`/) {
            let file = Self.directory.appending(path: "Scenarios/\(story.1).txt")
            #expect(FileManager.default.fileExists(atPath: file.path()), "no story is called \(story.1)")
        }
        // A file, and the tests in it: those up to the next file.
        for part in row.split(separator: /`(?=\w+\/\w+\.swift`)/).dropFirst(row.hasPrefix("`") ? 0 : 1) {
            let path = try #require(part.split(separator: "`").first)
            let source = try String(contentsOf: Self.tests.appending(path: String(path)), encoding: .utf8)
            for test in part.matches(of: /“([^”]+)”/) {
                let names = ["\"\(test.1)\"", "func `\(test.1)`(", "func \(test.1)("]
                #expect(names.contains { source.contains($0) }, "\(path) has no test “\(test.1)”")
            }
        }
    }
}
