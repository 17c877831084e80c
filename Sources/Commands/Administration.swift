package import ArgumentParser

/// A result that people and programs can read.
package protocol TextRepresentable {
    var text: String { get }
}

/// What every command has that asks a node to do or to tell something: where the cluster is, and how to print.
package struct AdministrationOptions: ParsableArguments {
    @OptionGroup package var cluster: ClusterOptions

    @Flag(name: .long, help: "Print one JSON object.")
    package var json = false

    package init() {}

    /// Does the work and prints its result; a failure is told on standard error, and is the exit code.
    func run<Result: Encodable & TextRepresentable>(
        _ work: (AdministrationClient) async throws -> Result
    ) async throws {
        let result: Result
        do {
            result = try await work(try AdministrationClient(cluster))
        } catch let failure as AdministrationFailure {
            StandardError.line("\(failure)")
            throw ExitCode(failure.exitStatus)
        }
        if json {
            try JSONOutput.print(result)
        } else {
            print(result.text)
        }
    }
}
