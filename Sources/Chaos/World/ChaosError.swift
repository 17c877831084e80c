/// Why a run could not be made, or could not go on.
package enum ChaosError: Error, Sendable, CustomStringConvertible {
    /// A program of the machine ended with another status than 0.
    case command(String, status: Int32, output: String)
    /// Something that the harness needs is not there.
    case missing(String)
    /// Something did not happen in time.
    case late(String)
    /// A node or a PostgreSQL is not as it should be.
    case node(Int, String)
    /// A call of the system failed.
    case system(String, code: Int32)
    /// A file is not what it should be.
    case file(String, String)

    package var description: String {
        switch self {
        case .command(let words, let status, let output): "\(words) ended with \(status): \(output.prefix(2_000))"
        case .missing(let what): what
        case .late(let what): what
        case .node(let node, let what): "node \(node): \(what)"
        case .system(let what, let code): "\(what): error \(code)"
        case .file(let path, let what): "\(path): \(what)"
        }
    }
}
