import Foundation

/// The newest PostgreSQL server on this machine.
enum PostgresBinaries {
    static let directory: String = {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let newest = versions.compactMap(Int.init).sorted().reversed()
            .map { "/usr/lib/postgresql/\($0)/bin" }
            .first { FileManager.default.isExecutableFile(atPath: "\($0)/initdb") }
        if let newest { return newest }
        for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        where FileManager.default.isExecutableFile(atPath: "\(folder)/initdb") {
            return String(folder)
        }
        fatalError("these tests need a PostgreSQL server: no initdb in /usr/lib/postgresql/*/bin or on PATH")
    }()
}

/// PostgreSQL refuses to run as root: then its processes run as the unprivileged user that its package made.
enum ServerUser {
    static let isNeeded = geteuid() == 0
    static let name = "postgres"

    /// The command line that runs `command` as the user the server may run as, without a process in between.
    static func commandLine(_ command: [String]) -> (executable: String, arguments: [String]) {
        guard isNeeded else { return (command[0], Array(command.dropFirst())) }
        return ("/usr/bin/setpriv", ["--reuid=\(name)", "--regid=\(name)", "--init-groups", "--"] + command)
    }

    static func own(_ path: String) {
        guard isNeeded else { return }
        guard let user = getpwnam(name) else { fatalError("tests that run as root need a user '\(name)'") }
        precondition(chown(path, user.pointee.pw_uid, user.pointee.pw_gid) == 0, "chown \(path)")
    }
}

/// Runs a program to its end.
func runToEnd(_ command: [String], asServerUser: Bool = true) throws {
    let process = Process()
    let line = asServerUser ? ServerUser.commandLine(command) : (command[0], Array(command.dropFirst()))
    process.executableURL = URL(fileURLWithPath: line.0)
    process.arguments = line.1
    process.currentDirectoryURL = URL(fileURLWithPath: "/tmp")
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw FixtureError(message: "\(command[0]) failed: \(String(decoding: text, as: UTF8.self))")
    }
}

public struct FixtureError: Error, CustomStringConvertible {
    public let message: String
    public var description: String { message }
}
