import ArgumentParser

/// A result that people and programs can read.
package protocol TextRepresentable {
    var text: String { get }
}

/// How the commands that change the cluster end.
enum Administration {
    /// Does the work and prints its result; a failure is told on standard error, and is the exit code.
    static func run<Result: Encodable & TextRepresentable>(
        json: Bool, _ work: () async throws -> Result
    ) async throws {
        let result: Result
        do {
            result = try await work()
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
