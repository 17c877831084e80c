import Foundation
import Glibc

/// Removes what a run has made, whether that run could still do so itself or not.
package struct Leftovers: Sendable {
    private let settings: WorldSettings
    private let layout: WorldLayout

    package init(_ settings: WorldSettings) {
        self.settings = settings
        layout = WorldLayout(settings)
    }

    /// Takes the lock, removes, and says what there was.
    package func clean(templateToo: Bool) async throws {
        let lock = try HarnessLock.take(settings)
        defer { HarnessLock.release(lock) }
        try await remove()
        if templateToo { try? FileManager.default.removeItem(atPath: settings.home) }
    }

    /// Processes first, then what they stood on. The lock must be held.
    func remove() async throws {
        try await endProcesses()
        if settings.kind == .namespaces, geteuid() == 0 { try await World.wiring(settings).tearDown() }
        try await unmount()
        if FileManager.default.fileExists(atPath: layout.world) {
            try FileManager.default.removeItem(atPath: layout.world)
        }
        if FileManager.default.fileExists(atPath: layout.stateFile) {
            try FileManager.default.removeItem(atPath: layout.stateFile)
        }
    }

    private func endProcesses() async throws {
        guard let data = FileManager.default.contents(atPath: layout.stateFile) else { return }
        guard let processes = try? JSONDecoder().decode([ChildProcess].self, from: data) else {
            throw ChaosError.file(layout.stateFile, "is not a list of processes")
        }
        for process in processes where process.isAlive {
            for member in Processes.family(of: process) { member.signal(SIGKILL) }
        }
        for process in processes {
            guard await process.waitUntilGone(seconds: 10) else {
                throw ChaosError.late("process \(process.pid) of an earlier run does not die")
            }
        }
    }

    private func unmount() async throws {
        let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 1, fields[1].hasPrefix(layout.world + "/") else { continue }
            try await Command.run(["umount", "--lazy", String(fields[1])])
        }
    }
}
