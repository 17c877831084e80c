import Foundation

/// A node's configuration, as the node's own documentation describes it.
enum NodeConfigurationFile {
    /// - Parameter joining: the node founds no cluster, but waits to be admitted.
    static func write(for node: Int, joining: Bool, in world: World) throws {
        let layout = world.layout
        let wiring = world.wiring
        let peers = WorldLayout.nodes.map { "  \($0): \"\(peerAddress(of: $0, for: node, in: world))\"" }
        let urls = WorldLayout.nodes.map {
            "    \($0): \"https://\(wiring.address(of: $0)):\(layout.gatewayPort($0))\""
        }
        let streams = try world.settings.usesKafka ? kafka(layout) : ""
        let text = """
            cluster_id: \(try layout.templateText("cluster-id"))
            node_id: \(node)
            data_directory: "\(layout.data(node))"
            peers:
            \(peers.joined(separator: "\n"))
            \(joining ? "cluster:\n  join: true" : "")
            gateway:
              listen: "\(wiring.address(of: node)):\(layout.gatewayPort(node))"
              certificate: "\(layout.certificate(node))"
              private_key: "\(layout.privateKey(node))"
              advertised_urls:
            \(urls.joined(separator: "\n"))
            tls:
              certificate: "\(layout.certificate(node))"
              private_key: "\(layout.privateKey(node))"
              authority: "\(layout.authority)"
            postgres: "\(try layout.databaseURI(node))"
            sealing_key: "\(layout.template)/keys/sealing.key"
            tokens:
              hs256_secret: "\(layout.template)/keys/token.secret"
              issuer: redoubt
            \(streams)
            \(world.settings.receivesAlerts ? deliveries(wiring) : "")
            log_level: info

            """
        let path = layout.configuration(node)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// A node takes others' connections where it says that it is itself, and makes its own to where it says that they are.
    private static func peerAddress(of other: Int, for node: Int, in world: World) -> RelayAddress {
        let isRelayed = world.settings.hasRelays && other != node
        return isRelayed ? world.relayAddress(from: node, to: other) : world.peerAddress(of: other)
    }

    private static func kafka(_ layout: WorldLayout) throws -> String {
        let brokers = try layout.brokers().map { "\"\($0)\"" }.joined(separator: ", ")
        return """
            kafka:
              brokers: [\(brokers)]
              topic: \(StreamTopics.payments)
              dead_letter_topic: \(StreamTopics.deadLetters)
              session_timeout_milliseconds: \(StreamTopics.sessionTimeoutMilliseconds)
            """
    }

    private static func deliveries(_ wiring: any Wiring) -> String {
        """
        deliveries:
          allow_plain_http: true
          allowed_ranges: ["\(wiring.clientAddress)/32"]
        """
    }
}
