import Foundation
import Glibc

/// Nodes and PostgreSQLs, started and ended.
extension World {
    // MARK: Nodes

    package func startNode(_ node: Int) throws {
        if processes.node(node)?.isAlive == true { return }
        let process = try ChildProcess.spawn(
            wiring.prefix(.node(node)) + [settings.binary, "node", "--config", layout.configuration(node)],
            environment: try ShimLibrary.environment(of: node, settings), output: layout.log(node))
        try processes.setNode(node, process)
    }

    /// Ends a node as a crash would.
    package func killNode(_ node: Int) async throws {
        processes.expectGone(node)
        guard let process = processes.node(node) else { return }
        process.signal(SIGKILL)
        guard await process.waitUntilGone(seconds: 10) else { throw ChaosError.node(node, "does not die") }
    }

    /// Stops the nodes' processes and waits, for a second at most, until they stand still. They must run.
    package func pauseNodes(_ nodes: [Int]) async throws {
        let running = try nodes.map { node in
            guard let process = processes.node(node), process.isAlive else {
                throw ChaosError.node(node, "does not run")
            }
            return process
        }
        for process in running { process.signal(SIGSTOP) }
        for _ in 0..<1_000 where !nodes.allSatisfy({ isNodeStopped($0) }) {
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// Those that have ended meanwhile are left alone.
    package func resumeNodes(_ nodes: [Int]) {
        for node in nodes where isNodeRunning(node) { processes.node(node)?.signal(SIGCONT) }
    }

    package func isNodeRunning(_ node: Int) -> Bool { processes.node(node)?.isAlive == true }

    /// True while the node's process is stopped by a signal.
    func isNodeStopped(_ node: Int) -> Bool { processes.node(node)?.state == "T" }

    /// From now on the node may end by itself: a fault makes it.
    package func expectGone(_ node: Int) { processes.expectGone(node) }

    /// Nodes that ended though nobody ended them.
    package var lostNodes: [Int] { processes.lost }

    // MARK: PostgreSQL

    package func startPostgres(_ node: Int) throws {
        if processes.database(node)?.isAlive == true { return }
        let programs = try layout.templateText("postgres-programs")
        let process = try ChildProcess.spawn(
            wiring.prefix(.node(node)) + ["env", "-C", "/"] + Self.asPostgres
                + [
                    programs + "/postgres", "-D", layout.postgres(node), "-c", "port=\(layout.postgresPort(node))",
                ], output: layout.postgresLog(node))
        try processes.setDatabase(node, process)
    }

    package func waitForPostgres(_ node: Int) async throws {
        let end = RunClock.monotonicMicroseconds + 60_000_000
        while RunClock.monotonicMicroseconds < end {
            if let answer = try? await query(node, "SELECT 1"), answer == "1" { return }
            guard processes.database(node)?.isAlive == true else {
                throw ChaosError.node(node, "its PostgreSQL has ended; see \(layout.postgresLog(node))")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw ChaosError.node(node, "its PostgreSQL does not answer; see \(layout.postgresLog(node))")
    }

    /// Ends all of its processes as a crash would.
    package func killPostgres(_ node: Int) async throws {
        guard let process = processes.database(node) else { return }
        let family = Processes.family(of: process)
        for member in family { member.signal(SIGKILL) }
        for member in family {
            guard await member.waitUntilGone(seconds: 10) else {
                throw ChaosError.node(node, "its PostgreSQL does not die")
            }
        }
    }

    /// Ends it in good order.
    package func stopPostgres(_ node: Int) async throws {
        guard let process = processes.database(node) else { return }
        process.signal(SIGINT)
        guard await process.waitUntilGone(seconds: 60) else {
            throw ChaosError.node(node, "its PostgreSQL does not stop")
        }
    }

    package func isPostgresRunning(_ node: Int) -> Bool { processes.database(node)?.isAlive == true }

    /// What psql prints for it: rows in lines, columns parted by `|`.
    package func query(_ node: Int, _ sql: String) async throws -> String {
        let output = try await Command.run(psql(node) + ["-c", sql])
        return output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// psql at the node's own PostgreSQL, without the statement.
    private func psql(_ node: Int) throws -> [String] { wiring.prefix(.node(node)) + (try psqlHere(node)) }

    /// The same for who is at that place already.
    func psqlHere(_ node: Int) throws -> [String] {
        [
            try layout.templateText("postgres-programs") + "/psql", try layout.databaseURI(node), "-X", "-At", "-v",
            "ON_ERROR_STOP=1",
        ]
    }

    /// Starts a program beside a node that the world ends with.
    func startHelper(_ node: Int, _ arguments: [String]) throws -> ChildProcess {
        let process = try ChildProcess.spawn(
            wiring.prefix(.node(node)) + arguments, output: layout.directory(node) + "/helpers.log")
        try processes.addHelper(process)
        return process
    }

    // MARK: Disks

    /// Gives a node an empty PostgreSQL; it must not run.
    func copyPostgres(_ node: Int) async throws {
        try? FileManager.default.removeItem(atPath: layout.postgres(node))
        try await Command.run(["cp", "-a", layout.templatePostgres, layout.postgres(node)])
    }

    /// Deletes what a node has stored, its log and its PostgreSQL, and gives it empty ones. Neither may run.
    package func wipe(_ node: Int) async throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: layout.data(node)) {
            try FileManager.default.removeItem(atPath: "\(layout.data(node))/\(name)")
        }
        try await copyPostgres(node)
        try NodeConfigurationFile.write(for: node, joining: true, in: self)
    }

    /// The processes' users must be others where the harness runs as root: PostgreSQL refuses to.
    private static var asPostgres: [String] {
        geteuid() == 0
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--inh-caps=-all", "--"] : []
    }
}
