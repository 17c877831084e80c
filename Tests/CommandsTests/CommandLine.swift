import ArgumentParser
import Commands
import Testing

func parse<Command>(_ type: Command.Type, _ line: String) throws -> Command {
    let command = try Redoubt.parseAsRoot(line.split(separator: " ").map(String.init))
    return try #require(command as? Command, "\(line) is parsed as \(Swift.type(of: command))")
}

/// What is said of a line that is wrong; nil if it is right.
func fault(_ line: String) -> String? {
    do {
        _ = try Redoubt.parseAsRoot(line.split(separator: " ").map(String.init))
        return nil
    } catch {
        return Redoubt.message(for: error)
    }
}
