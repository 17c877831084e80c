import Foundation
import Glibc
import Synchronization

/// Which processes there are, also on disk: what a harness that was killed has left is found there.
final class Processes: Sendable {
    private struct State: Sendable {
        var nodes: [Int: ChildProcess] = [:]
        var databases: [Int: ChildProcess] = [:]
        var helpers: [ChildProcess] = []
        /// Nodes that should be running.
        var wanted: Set<Int> = []
    }

    private let state = Mutex(State())
    private let stateFile: String

    init(stateFile: String) {
        self.stateFile = stateFile
    }

    func node(_ node: Int) -> ChildProcess? { state.withLock { $0.nodes[node] } }
    func database(_ node: Int) -> ChildProcess? { state.withLock { $0.databases[node] } }

    func setNode(_ node: Int, _ process: ChildProcess) throws {
        try change {
            $0.nodes[node] = process
            $0.wanted.insert(node)
        }
    }

    func setDatabase(_ node: Int, _ process: ChildProcess) throws {
        try change { $0.databases[node] = process }
    }

    func addHelper(_ process: ChildProcess) throws {
        try change { $0.helpers.append(process) }
    }

    /// From now on nobody wonders that the node does not run.
    func expectGone(_ node: Int) {
        state.withLock { _ = $0.wanted.remove(node) }
    }

    /// Nodes that ended though nobody ended them.
    var lost: [Int] {
        state.withLock { state in
            state.wanted.filter { state.nodes[$0]?.isAlive != true }.sorted()
        }
    }

    private func change(_ body: (inout sending State) -> Void) throws {
        let all = state.withLock { state in
            body(&state)
            return Array(state.nodes.values) + Array(state.databases.values) + state.helpers
        }
        try JSONEncoder().encode(all).write(to: URL(fileURLWithPath: stateFile), options: .atomic)
    }

    /// A process and what it has started.
    static func family(of process: ChildProcess) -> [ChildProcess] {
        var children: [ChildProcess] = []
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = Int32(name), let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { continue }
            let fields = text[text.index(after: end)...].split(separator: " ")
            if fields.count > 1, Int32(fields[1]) == process.pid, let start = ChildProcess.startTicks(of: pid) {
                children.append(ChildProcess(pid: pid, startTicks: start))
            }
        }
        return [process] + children
    }
}
