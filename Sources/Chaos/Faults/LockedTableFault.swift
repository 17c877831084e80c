import Glibc

/// Somebody else holds a node's largest table: nothing can be read from it or written to it.
package struct LockedTableFault: Fault {
    private let target: Target
    private var node = 0
    private var holder: ChildProcess?
    package private(set) var excused: Set<Int> = []

    package init(_ target: Target) {
        self.target = target
    }

    package var name: String { "locked-table-\(target.word)" }

    package mutating func start(at site: FaultSite) async throws {
        node = try await target.resolve(at: site)
        excused = [node]
        holder = try site.world.startHelper(
            node,
            try site.world.psqlHere(node) + [
                "-c", "BEGIN", "-c", "LOCK TABLE transactions IN ACCESS EXCLUSIVE MODE", "-c", "SELECT pg_sleep(600)",
            ])
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        let waiting = try await site.world.query(node, "SELECT count(*) FROM pg_locks WHERE NOT granted")
        return waiting == "0" ? nil : "\(waiting) wait for the table, node \(node)"
    }

    package func stop(at site: FaultSite) async throws {
        holder?.signal(SIGKILL)
        // PostgreSQL does not notice by itself that nobody waits for the end of a sleep.
        _ = try await site.world.query(
            node,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%' AND pid <> pg_backend_pid()"
        )
    }
}
