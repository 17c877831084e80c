import ArgumentParser
import Chaos

/// `redoubt-chaos list`.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Names the scenarios.")

    func run() {
        for scenario in ScenarioCatalogue.all {
            let name = scenario.name.padding(to: 24)
            print("\(name) \(scenario.isQuick ? "quick " : "      ") \(scenario.summary)")
        }
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
