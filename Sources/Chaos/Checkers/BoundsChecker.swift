/// Nodes take up no more than they may, whatever happens to them.
package struct BoundsChecker: Checker {
    private let memoryBytes: Int
    private let diskBytes: Int

    package init(memoryBytes: Int = 1 << 30, diskBytes: Int = 2 << 30) {
        self.memoryBytes = memoryBytes
        self.diskBytes = diskBytes
    }

    package func check(_ history: RunHistory) -> CheckResult {
        var wrong: [String] = []
        for node in history.nodes {
            let memory = history.views.lazy.filter { $0.node == node }.compactMap(\.residentBytes).max() ?? 0
            let disk = history.views.lazy.filter { $0.node == node }.compactMap(\.diskBytes).max() ?? 0
            if memory > memoryBytes {
                wrong.append("node \(node) had \(memory >> 20) MiB of memory, allowed \(memoryBytes >> 20)")
            }
            if disk > diskBytes {
                wrong.append("node \(node) had \(disk >> 20) MiB on disk, allowed \(diskBytes >> 20)")
            }
        }
        let memory = history.views.lazy.compactMap(\.residentBytes).max() ?? 0
        let disk = history.views.lazy.compactMap(\.diskBytes).max() ?? 0
        return .of(
            "bounds", wrong: wrong, looked: "at most \(memory >> 20) MiB of memory and \(disk >> 20) MiB on disk",
            isExercised: memory > 0)
    }
}
