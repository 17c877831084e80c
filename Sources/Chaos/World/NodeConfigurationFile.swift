import Foundation

/// A node's configuration, as the node's own documentation describes it.
enum NodeConfigurationFile {
    /// - Parameter joining: the node founds no cluster, but waits to be admitted.
    static func write(for node: Int, joining: Bool, layout: WorldLayout, wiring: any Wiring) throws {
        let peers = WorldLayout.nodes.map { "  \($0): \"\(wiring.address(of: $0)):\(layout.peerPort($0))\"" }
        let urls = WorldLayout.nodes.map {
            "    \($0): \"https://\(wiring.address(of: $0)):\(layout.gatewayPort($0))\""
        }
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
            log_level: info

            """
        let path = layout.configuration(node)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }
}
