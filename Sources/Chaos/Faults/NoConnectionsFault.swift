import Glibc

/// All of a PostgreSQL's connections are taken by others, and the node's own are closed.
package struct NoConnectionsFault: Fault {
    private let target: Target
    private var node = 0
    private var holder: ChildProcess?
    package private(set) var excused: Set<Int> = []

    package init(_ target: Target) {
        self.target = target
    }

    package var name: String { "no-connections-\(target.word)" }

    package mutating func start(at site: FaultSite) async throws {
        let world = site.world
        node = try await target.resolve(at: site)
        excused = [node]
        // Connections that have said who they want to be, and never say the password, have their places all the same: for
        // a minute, then the server wants them back, so they are made anew.
        let script = """
            exec 2>/dev/null
            while :; do
                for _ in {1..64}; do
                    exec {connection}<>/dev/tcp/127.0.0.1/\(world.layout.postgresPort(node)) || continue
                    printf '\\x00\\x00\\x00\\x27\\x00\\x03\\x00\\x00user\\x00redoubt\\x00database\\x00redoubt\\x00\\x00' >&$connection
                done
                sleep 50
            done
            """
        holder = try world.startHelper(node, ["bash", "-c", script])
        try await Task.sleep(for: .milliseconds(300))
        // Before the places are all taken this one still gets in; the node's pools come back to closed doors.
        _ = try? await world.query(
            node,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'redoubt' AND pid <> pg_backend_pid()"
        )
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        do {
            _ = try await site.world.query(node, "SELECT 1")
            return nil
        } catch ChaosError.command(_, _, let output) {
            return output.contains("connection")
                ? "node \(node): \(output.split(separator: ":").last.map(String.init) ?? output)" : nil
        }
    }

    package func stop(at site: FaultSite) async throws {
        guard let holder else { return }
        for member in Processes.family(of: holder) { member.signal(SIGKILL) }
        try await site.world.waitForPostgres(node)
    }
}
