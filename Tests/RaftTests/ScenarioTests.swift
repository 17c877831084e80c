import Foundation
import Testing

/// The stories in `Scenarios`. Each tells all that a cluster does; a change of behaviour shows as a change of a story.
/// `REDOUBT_REWRITE_SCENARIOS=1 swift test -c release` writes them anew: then read what changed.
@Suite("A scenario")
struct ScenarioTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Scenarios")

    static let stories: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path())) ?? []
        return files.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test("goes as its story tells", arguments: stories)
    func replays(story: String) throws {
        let file = Self.directory.appending(path: story)
        let script = try String(contentsOf: file, encoding: .utf8)
        let replayed = Scenario.replay(script)
        if ProcessInfo.processInfo.environment["REDOUBT_REWRITE_SCENARIOS"] == "1" {
            try replayed.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let told = script.split(separator: "\n", omittingEmptySubsequences: false)
        let happened = replayed.split(separator: "\n", omittingEmptySubsequences: false)
        for (line, pair) in zip(told, happened).enumerated() where pair.0 != pair.1 {
            Issue.record("\(story), line \(line + 1): told “\(pair.0)”, but happened “\(pair.1)”")
            return
        }
        #expect(told.count == happened.count, "\(story): the story ends early or goes on")
    }

    @Test("is there for every promise of the core")
    func exist() {
        #expect(Self.stories.count >= 20)
    }
}
