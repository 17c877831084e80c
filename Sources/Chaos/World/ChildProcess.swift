import Foundation
import Glibc

/// A process that the harness started. Its number alone does not say who it is: the system gives numbers out again.
package struct ChildProcess: Sendable, Hashable, Codable {
    package let pid: Int32
    /// When it was started, in the kernel's ticks since boot.
    package let startTicks: UInt64

    /// Starts a program in a session of its own, with its output appended to a file.
    package static func spawn(
        _ arguments: [String], environment: [String: String] = [:], output: String
    ) throws(ChaosError) -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        let pid = try start(arguments, environment, &actions)
        return ChildProcess(pid: pid, startTicks: Self.startTicks(of: pid) ?? 0)
    }

    /// POSIX_SPAWN_SETSID of <spawn.h>, which is not imported.
    private static let newSession: Int16 = 0x80

    static func start(
        _ arguments: [String], _ environment: [String: String], _ actions: inout posix_spawn_file_actions_t
    ) throws(ChaosError) -> Int32 {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of the pool block signals, and the child would inherit that.
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Self.newSession)
        var variables = ProcessInfo.processInfo.environment
        for (name, value) in environment { variables[name] = value }
        let words = arguments.map { strdup($0) } + [nil]
        let settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in words + settings { free(pointer) } }
        var pid = pid_t()
        let code = posix_spawnp(&pid, arguments[0], &actions, &attributes, words, settings)
        guard code == 0 else { throw .system("starting \(arguments[0])", code: code) }
        return pid
    }

    /// False once it has ended, also before it was waited for.
    package var isAlive: Bool {
        var status: Int32 = 0
        // A child of this harness is waited for here; what an earlier harness left is not a child, and that is no error.
        _ = waitpid(pid, &status, WNOHANG)
        guard let fields = Self.fields(of: pid) else { return false }
        return fields.state != "Z" && fields.state != "X" && (startTicks == 0 || fields.startTicks == startTicks)
    }

    package func signal(_ number: Int32) {
        guard isAlive else { return }
        _ = Glibc.kill(pid, number)
    }

    /// False if it still runs when the time is up.
    package func waitUntilGone(seconds: Double) async -> Bool {
        let end = RunClock.monotonicMicroseconds + Int64(seconds * 1_000_000)
        while isAlive {
            guard RunClock.monotonicMicroseconds < end else { return false }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return true
    }

    /// `T` while it is stopped, `Z` once it has ended; nil when it is gone.
    package var state: Character? { Self.fields(of: pid)?.state }

    /// Its number's start, or nil if there is no such process.
    static func startTicks(of pid: Int32) -> UInt64? { fields(of: pid)?.startTicks }

    private static func fields(of pid: Int32) -> (state: Character, startTicks: UInt64)? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        // After the name: the state is field 3 of proc(5), the start time field 22.
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let state = fields[0].first, let start = UInt64(fields[19]) else { return nil }
        return (state, start)
    }
}
