import ArgumentParser
import Chaos
import Foundation

/// `redoubt-chaos judge`: the checkers alone, on a history of any origin.
struct JudgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge", abstract: "Judges a history that is there, such as one that somebody has doctored.")

    @Argument(help: "A history.jsonl; chaos/HISTORY.md describes it.")
    var file: String

    func run() throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ValidationError("\(file) can't be read.")
        }
        let verdict = Verdict(try RunHistory(jsonLines: data))
        for result in verdict.results {
            print("\(result.verdict.rawValue)  \(result.name): \(result.details.joined(separator: "\n    "))")
        }
        print(verdict.line)
        if !verdict.isPass { throw ExitCode.failure }
    }
}
