import Foundation

/// Relays between nodes, where a scenario asks for them. A node connects to each of the others through one beside itself;
/// what it takes comes from theirs.
extension World {
    func peerAddress(of node: Int) -> RelayAddress {
        RelayAddress(host: wiring.address(of: node), port: layout.peerPort(node))
    }

    func relayAddress(from node: Int, to other: Int) -> RelayAddress {
        RelayAddress(host: "127.0.0.1", port: layout.relayPort(from: node, to: other))
    }

    /// Returns when all of them take connections.
    func startRelays() async throws {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        for node in nodes {
            for other in nodes where other != node {
                let files = layout.relayFiles(from: node, to: other)
                _ = try startHelper(
                    node,
                    [
                        program, "relay", "--listen", "\(relayAddress(from: node, to: other))",
                        "--target", "\(peerAddress(of: other))", "--control", files.control, "--status", files.status,
                    ])
            }
        }
        for node in nodes {
            for files in relays(of: node) { try await files.awaitStatus() }
        }
    }

    /// On the way from a node to the others and from them to it.
    private func relays(of node: Int) -> [RelayFiles] {
        nodes.filter { $0 != node }.flatMap { other in
            [layout.relayFiles(from: node, to: other), layout.relayFiles(from: other, to: node)]
        }
    }

    /// Tells all relays of a node what to do; returns when they do it.
    func setRelays(of node: Int, _ settings: RelaySettings) async throws {
        guard self.settings.hasRelays else { throw ChaosError.missing("this needs a scenario with relays") }
        for files in relays(of: node) { try await files.apply(settings) }
    }

    /// What all relays of a node have counted together; a fifth of a second old at most.
    func countAtRelays(of node: Int, _ count: (RelayStatus) -> Int) throws -> Int {
        try relays(of: node).reduce(0) { sum, files in
            guard let status = try files.readStatus() else { throw ChaosError.file(files.status, "is gone") }
            return sum + count(status)
        }
    }
}
