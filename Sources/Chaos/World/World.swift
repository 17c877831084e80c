import Foundation
package import HTTPSClient
import Synchronization

/// Three nodes, their PostgreSQLs, and what connects them; made anew for every run.
package final class World: Sendable {
    package let settings: WorldSettings
    package let layout: WorldLayout
    package let wiring: any Wiring
    /// Its thread is where the clients are.
    package let client: HTTPSClient
    let operatorToken: String
    package let ingestToken: String
    let processes: Processes
    private let lock: Int32

    package var nodes: [Int] { WorldLayout.nodes }
    package var capabilities: Set<Capability> {
        var all = wiring.capabilities
        if geteuid() == 0 { all.insert(.mounts) }
        return all
    }

    /// Builds the world and waits until its nodes serve.
    package static func make(_ settings: WorldSettings) async throws -> World {
        let lock = try HarnessLock.take(settings)
        do {
            try await Requirements.check(settings)
            let cleaner = Leftovers(settings)
            try await cleaner.remove()
            let wiring = wiring(settings)
            try await Template.make(settings, wiring)
            try await wiring.setUp()
            let world = try World(settings, wiring, lock)
            try await world.client.run { try wiring.enterClientNetwork() }
            try await world.populate()
            return world
        } catch {
            if ProcessInfo.processInfo.environment["REDOUBT_CHAOS_KEEP"] == nil {
                try? await Leftovers(settings).remove()
            }
            HarnessLock.release(lock)
            throw error
        }
    }

    static func wiring(_ settings: WorldSettings) -> any Wiring {
        switch settings.kind {
        case .namespaces: NamespaceWiring(number: settings.number, nodes: WorldLayout.nodes)
        case .loopback: LoopbackWiring()
        }
    }

    private init(_ settings: WorldSettings, _ wiring: any Wiring, _ lock: Int32) throws {
        self.settings = settings
        self.wiring = wiring
        self.lock = lock
        layout = WorldLayout(settings)
        client = try HTTPSClient(authorityPath: layout.authority)
        operatorToken = try layout.templateText("keys/operator.token")
        ingestToken = try layout.templateText("keys/ingest.token")
        processes = Processes(stateFile: layout.stateFile)
    }

    /// Ends all processes and removes everything but the template.
    package func tearDown() async throws {
        for node in nodes {
            processes.node(node)?.signal(SIGCONT)
            processes.node(node)?.signal(SIGTERM)
        }
        for node in nodes {
            if let process = processes.node(node), await !process.waitUntilGone(seconds: 10) { process.signal(SIGKILL) }
        }
        for node in nodes { processes.database(node)?.signal(SIGQUIT) }
        for node in nodes { _ = await processes.database(node)?.waitUntilGone(seconds: 10) }
        try await Leftovers(settings).remove()
        HarnessLock.release(lock)
    }

    private func populate() async throws {
        try Self.makeDirectory(layout.world, permissions: 0o711)
        // Nodes are told where they are.
        if settings.usesKafka { try await startBrokers() }
        if settings.receivesAlerts { try await startReceiver() }
        for node in nodes {
            try Self.makeDirectory(layout.directory(node), permissions: 0o711)
            try Self.makeDirectory(layout.control(node), permissions: 0o700)
            try Self.makeDirectory(layout.data(node), permissions: 0o700)
            if let megabytes = settings.dataMegabytes {
                try await Command.run([
                    "mount", "-t", "tmpfs", "-o", "size=\(megabytes)m,mode=700", "redoubt-chaos", layout.data(node),
                ])
            }
            try await copyPostgres(node)
            try NodeConfigurationFile.write(for: node, joining: false, in: self)
        }
        if settings.hasRelays { try await startRelays() }
        for node in nodes { try startPostgres(node) }
        for node in nodes { try await waitForPostgres(node) }
        for node in nodes { try startNode(node) }
        guard await waitUntilReady(nodes, seconds: 60) else {
            throw ChaosError.late("the nodes are not ready after 60 s; their logs: \(layout.world)/node-*/log")
        }
    }

    static func makeDirectory(_ path: String, permissions: Int) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: permissions])
        // The process's mask does not count.
        try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path)
    }
}
