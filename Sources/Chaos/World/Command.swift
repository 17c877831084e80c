import CChaosShims
import Foundation
import Glibc

/// Programs of the machine that are run to their end.
package enum Command {
    private static let maxOutputBytes = 64 << 20

    /// What it printed, errors included. Throws if it ends with another status than 0.
    @discardableResult
    package static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> String {
        let (status, output) = try await result(arguments, environment: environment)
        guard status == 0 else {
            throw ChaosError.command(arguments.joined(separator: " "), status: status, output: output)
        }
        return output
    }

    /// The exit status (128 and the number for a signal) and what it printed.
    package static func result(
        _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> (status: Int32, output: String) {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try runBlocking(arguments, environment) })
            }
        }
    }

    /// Whether a program is on the path.
    package static func exists(_ name: String) -> Bool {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let directories = path + ["/usr/sbin", "/sbin"]
        return directories.contains { access("\($0)/\(name)", X_OK) == 0 }
    }

    private static func runBlocking(
        _ arguments: [String], _ environment: [String: String]
    ) throws -> (status: Int32, output: String) {
        var ends: [Int32] = [-1, -1]
        let code = redoubt_private_pipe(&ends)
        guard code == 0 else { throw ChaosError.system("making a pipe", code: code) }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
        let pid: Int32
        do {
            pid = try ChildProcess.start(arguments, environment, &actions)
        } catch {
            close(ends[1])
            throw error
        }
        close(ends[1])
        let output = readToEnd(ends[0])
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return (status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F), output)
    }

    private static func readToEnd(_ descriptor: Int32) -> String {
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while output.count < maxOutputBytes {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                output.append(contentsOf: buffer[..<count])
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
