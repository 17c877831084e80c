import Foundation

/// Where a world's files lie, and under which numbers its nodes are reached.
package struct WorldLayout: Sendable {
    package static let nodes = [1, 2, 3]

    let home: String
    let kind: WorldSettings.Kind
    let number: Int

    init(_ settings: WorldSettings) {
        home = settings.home
        kind = settings.kind
        number = settings.number
    }

    /// What every world begins with, kept from run to run.
    var template: String { home + "/template" }
    /// Of this run; deleted with it.
    var world: String { home + "/world" }
    /// What there is to be removed, should the harness end before it did so itself.
    var stateFile: String { home + "/state.json" }
    var lockFile: String { home + "/lock" }
    var shims: String { home + "/shims" }

    func directory(_ node: Int) -> String { "\(world)/node-\(node)" }
    func data(_ node: Int) -> String { directory(node) + "/data" }
    func log(_ node: Int) -> String { directory(node) + "/log" }
    func configuration(_ node: Int) -> String { directory(node) + "/node.yaml" }
    func postgres(_ node: Int) -> String { directory(node) + "/postgres" }
    func postgresLog(_ node: Int) -> String { directory(node) + "/postgres.log" }
    /// How the harness speaks to the shims of a node.
    func control(_ node: Int) -> String { directory(node) + "/control" }
    var templatePostgres: String { template + "/node-1/postgres" }
    func certificate(_ node: Int) -> String { "\(template)/node-\(node)/node.crt" }
    func privateKey(_ node: Int) -> String { "\(template)/node-\(node)/node.key" }
    var authority: String { template + "/keys/ca.crt" }
    /// What the programs beside the clients say.
    var clientLog: String { world + "/clients.log" }
    /// Where the mock brokers listen, with commas between them; there once they do.
    var brokerAddresses: String { world + "/brokers" }
    /// What the receiver of alerts has got; there once it listens.
    var receivedAlerts: String { world + "/received.jsonl" }

    // Worlds of this machine's own addresses need ports of their own; the numbers are below those that systems give out.
    func gatewayPort(_ node: Int) -> Int { kind == .namespaces ? 8_443 : 20_000 + number * 10 + node }
    func peerPort(_ node: Int) -> Int { kind == .namespaces ? 7_100 : 21_000 + number * 10 + node }
    func postgresPort(_ node: Int) -> Int { kind == .namespaces ? 5_432 : 22_000 + number * 10 + node }
    var receiverPort: Int { kind == .namespaces ? 8_080 : 23_000 + number * 10 }

    /// Where a node reaches another one through its relay. In namespaces the port says only whom it leads to, so that an
    /// address that spreads from node to node is good everywhere.
    func relayPort(from node: Int, to other: Int) -> Int {
        kind == .namespaces ? 7_110 + other : 23_000 + number * 10 + (node - 1) * Self.nodes.count + other - 1
    }
    func relayFiles(from node: Int, to other: Int) -> RelayFiles {
        let base = "\(directory(node))/relay-to-\(other)"
        return RelayFiles(control: base + ".control", status: base + ".status")
    }

    /// The first line of a file of the template.
    func templateText(_ name: String) throws -> String {
        let path = "\(template)/\(name)"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ChaosError.file(path, "can't be read")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// `host:port` of each mock broker.
    func brokers() throws -> [String] {
        guard let text = try? String(contentsOfFile: brokerAddresses, encoding: .utf8) else {
            throw ChaosError.file(brokerAddresses, "can't be read")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: ",").map(String.init)
    }

    func databaseURI(_ node: Int) throws -> String {
        let password = try templateText("keys/postgres.password")
        return "postgresql://redoubt:\(password)@127.0.0.1:\(postgresPort(node))/redoubt"
    }
}
