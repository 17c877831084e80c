import Dispatch
import Glibc

/// The scripts that kill and start nodes of a local cluster.
struct ClusterScripts: Sendable {
    /// A script that failed.
    struct Failure: Error, CustomStringConvertible {
        let script: String
        let status: Int32
        let output: String
        var description: String { "\(script) failed with status \(status): \(output)" }
    }

    let directory: String

    /// Whether the scripts are there.
    var isUsable: Bool {
        ["kill", "start"].allSatisfy { access("\(directory)/\($0)", X_OK) == 0 }
    }

    /// Kills a node with SIGKILL; the moment just before the signal, microseconds since 1970.
    func kill(_ node: UInt64) async throws -> Int64 {
        let before = WallClock.microseconds
        let output = try await run("kill", node)
        // The script says when it sent the signal: `… at=1700000000.123456`.
        let time = output.split { $0.isWhitespace }.first { $0.hasPrefix("at=") }?.dropFirst(3).split(separator: ".")
        guard let time, time.count == 2, time[1].count == 6, let seconds = Int64(time[0]),
            let microseconds = Int64(time[1])
        else { return before }
        return seconds * 1_000_000 + microseconds
    }

    func start(_ node: UInt64) async throws {
        _ = try await run("start", node)
    }

    private func run(_ script: String, _ node: UInt64) async throws -> String {
        let path = "\(directory)/\(script)"
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try Self.runBlocking(path, "\(node)") })
            }
        }
    }

    /// With posix_spawn and waitpid: Foundation's Process would wait for the end of what the script leaves running too.
    private static func runBlocking(_ path: String, _ argument: String) throws(Failure) -> String {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw failure(path, errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of the pool block signals, and the script would inherit that.
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        let arguments = [strdup(path), strdup(argument), nil]
        defer { for pointer in arguments { free(pointer) } }
        var process = pid_t()
        let spawned = posix_spawn(&process, path, &actions, &attributes, arguments, environ)
        close(ends[1])
        guard spawned == 0 else { throw failure(path, spawned) }

        let output = readToEnd(ends[0])
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else {
            // The exit code is the second byte; a signal the first.
            let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
            throw Failure(script: path, status: code, output: output)
        }
        return output
    }

    private static func readToEnd(_ descriptor: Int32) -> String {
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while output.count < 1 << 20 {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                output.append(contentsOf: buffer[..<count])
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func failure(_ path: String, _ code: Int32) -> Failure {
        Failure(script: path, status: code, output: String(cString: strerror(code)))
    }
}
