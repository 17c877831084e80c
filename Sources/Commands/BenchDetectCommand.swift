import ArgumentParser
import Detection
import Foundation

/// `redoubt bench detect`: how fast payments are judged, without a cluster around it.
struct BenchDetectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect",
        abstract: "Measure detection on one core: profiles, rules, forest, transformer, fusion.",
        discussion: """
            Makes up payments, fills profiles with the first half, and judges the second half: in batches of 256, then \
            one at a time. Each payment is observed, judged by all engines and folded into its profiles, as on a leader. \
            The isolation forest is also measured alone, beside scikit-learn's on the same rows where python3 has it.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("Payments to measure with; as many fill the profiles.", valueName: "number"))
    var payments = 50_000

    @Option(name: .long, help: ArgumentHelp("Users who pay.", valueName: "number"))
    var users = 2_000

    @Option(name: .long, help: ArgumentHelp("What the payments are drawn from.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(name: .long, help: ArgumentHelp("At least how long to measure each thing.", valueName: "seconds"))
    var seconds = 3.0

    @Option(
        name: .long,
        help: ArgumentHelp("A model's artifact. Default: one is made from the payments.", valueName: "file"))
    var model: String?

    @Flag(name: .long, help: "Print the result as one JSON object.")
    var json = false

    func validate() throws {
        guard (1_000...10_000_000).contains(payments) else {
            throw ValidationError("--payments must lie between 1000 and 10000000.")
        }
        guard (10...1_000_000).contains(users) else {
            throw ValidationError("--users must lie between 10 and 1000000.")
        }
        guard (0...600).contains(seconds) else { throw ValidationError("--seconds must lie between 0 and 600.") }
    }

    func run() throws {
        let artifact = try model.map { try DetectionModel(decoding: Array(Data(contentsOf: URL(fileURLWithPath: $0)))) }
        let bench = DetectionBench(payments: payments, users: users, seed: seed, seconds: seconds, model: artifact)
        let result = bench.run { FileHandle.standardError.write(Data("\($0)\n".utf8)) }
        if json {
            try JSONOutput.print(result)
        } else {
            print(result.text)
        }
    }
}
