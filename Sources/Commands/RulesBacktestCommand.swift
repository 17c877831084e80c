package import ArgumentParser
import Gateway

/// `redoubt rules backtest`: what rules would have said of what is stored.
package struct RulesBacktestCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Try rules on the stored history.",
        discussion: """
            A node runs the history again and decides by other rules; nothing that is stored changes. Without a file \
            the active rules are tried; --version takes an earlier version, or as-they-were: at each payment those \
            that were in effect then, which gives exactly what was decided.

              redoubt rules backtest rules.yaml --from 2026-11-01T00:00:00Z

            Exit code: 0 when it is finished, 1 when it was refused, failed or was cancelled, 2 when it is not \
            finished in time.
            """)

    @OptionGroup package var administration: AdministrationOptions

    @Argument(help: ArgumentHelp("YAML; - is standard input.", valueName: "file"))
    package var file: String?

    @Option(name: .long, help: ArgumentHelp("A version's number, or as-they-were.", valueName: "version"))
    package var version: String?

    @Option(name: .long, help: ArgumentHelp("Payments accepted from then on, RFC 3339.", valueName: "time"))
    package var from: String?

    @Option(name: .long, help: ArgumentHelp("Payments accepted before then, RFC 3339.", valueName: "time"))
    package var to: String?

    @Option(name: .long, help: ArgumentHelp("Which node; one that does not lead if left out.", valueName: "number"))
    package var node: UInt64?

    @Option(name: .long, help: ArgumentHelp("How long to wait.", valueName: "seconds"))
    package var timeout = 600

    @Flag(name: .long, help: "Return as soon as it has begun.")
    package var noWait = false

    @Option(name: .long, help: ArgumentHelp("Show a backtest of this id instead; needs --node.", valueName: "id"))
    package var show: String?

    @Option(name: .long, help: ArgumentHelp("End a backtest of this id instead; needs --node.", valueName: "id"))
    package var cancel: String?

    package init() {}

    package func validate() throws {
        if let node { _ = try memberNumber(node) }
        guard file == nil || version == nil else { throw ValidationError("Give a file or --version, not both.") }
        guard (1...86_400).contains(timeout) else {
            throw ValidationError("--timeout must lie between 1 and 86400 seconds.")
        }
        guard (show == nil && cancel == nil) || node != nil else {
            throw ValidationError("Each node knows its own backtests: say which with --node.")
        }
    }

    package func run() async throws {
        var isGood = true
        let yaml = try file.map { try InputFile.text($0, maxBytes: RulesCommand.maxBytes) }
        try await administration.run { client in
            let endpoint = try await client.endpoint(of: node, prefersFollower: true)
            func send(_ request: AdministrationRequest) async throws -> BacktestDocument {
                try await client.send(request, as: BacktestDocument.self, to: endpoint)
            }
            if let show { return try await send(.backtest(show)) }
            if let cancel { return try await send(.cancelBacktest(cancel)) }
            var status = try await send(.backtest(yaml: yaml, version: version, from: from, to: to))
            guard !noWait else { return status }
            let deadline = ContinuousClock.now + .seconds(timeout)
            var progress = ProgressLine()
            defer { progress.finish() }
            while status.state == .running {
                guard ContinuousClock.now < deadline else {
                    throw AdministrationFailure.unfinished(
                        "The backtest \(status.id) on \(endpoint) has not ended within \(timeout) s.")
                }
                progress.show(fraction: status.progress, "\(status.processed) of \(status.total) payments")
                try await Task.sleep(for: .milliseconds(200))
                status = try await send(.backtest(status.id))
            }
            isGood = status.state == .finished
            return status
        }
        if !isGood { throw ExitCode(1) }
    }
}
