import Detection
import Node
import PeerTransport
import Raft
import Testing

@Suite struct NodeConfigurationTests {
    private static let valid = """
        cluster_id: local-0a1b2c3d
        node_id: 2
        data_directory: /var/lib/redoubt/node-2
        peers:
          1: 127.0.0.1:7101
          2: 127.0.0.1:7102
          3: "[::1]:7103"
        gateway:
          listen: 127.0.0.1:8442
          certificate: node.crt
          private_key: node.key
          advertised_urls: { 1: "https://127.0.0.1:8441" }
        tls: { certificate: node.crt, private_key: node.key, authority: ca.crt }
        postgres: postgresql://redoubt@127.0.0.1:54332/redoubt
        sealing_key: sealing.key
        tokens: { hs256_secret: token.secret, issuer: redoubt }

        """

    private func load(_ yaml: String) throws -> NodeConfiguration {
        try NodeConfiguration(file: "node.yaml", yaml: yaml)
    }

    /// The key and the reason that a changed file is refused with.
    private func refusal(_ change: (String) -> String) -> ConfigurationError? {
        do {
            _ = try load(change(Self.valid))
            return nil
        } catch {
            return error as? ConfigurationError
        }
    }

    @Test func `a whole file is read, and what it leaves out has its default`() throws {
        let configuration = try load(Self.valid)
        #expect(configuration.nodeID == NodeID(2))
        #expect(configuration.peers.count == 3)
        #expect(!configuration.joins)
        #expect(configuration.peers[NodeID(3)]?.host == "::1")
        #expect(configuration.gateway.listenPort == 8442)
        #expect(configuration.limits.requestDeadlineMilliseconds == 5_000)
    }

    @Test(arguments: [
        ("cluster_id: local-0a1b2c3d\n", "cluster_id"), ("node_id: 2\n", "node_id"),
        ("sealing_key: sealing.key\n", "sealing_key"), ("  listen: 127.0.0.1:8442\n", "gateway.listen"),
    ]) func `a missing key is named`(line: String, key: String) {
        let refusal = refusal { $0.replacing(line, with: "") }
        #expect(refusal?.key == key)
        #expect(refusal?.reason == "is missing")
    }

    @Test(arguments: [
        ("sealing_key", "sealing_kee"), ("  listen", "  lisen"), ("issuer", "isuer"),
    ]) func `a misspelt key is refused`(key: String, misspelt: String) {
        #expect(refusal { $0.replacing(key, with: misspelt) } != nil)
    }

    @Test func `rules have no place in it: they are in the log`() {
        #expect(refusal { $0 + "rules: { block_score: 0.9 }\n" }?.key == "rules")
    }

    @Test(arguments: [
        ("node_id: 2", "node_id: 0"), ("node_id: 2", "node_id: 9"), ("node_id: 2", "node_id: 65536"),
        ("  1: 127.0.0.1:7101", "  65536: 127.0.0.1:7101"), ("  1: 127.0.0.1:7101", "  0: 127.0.0.1:7101"),
        ("{ 1: \"https", "{ 0: \"https"),
        ("node_id: 2", "node_id: two"),
        ("127.0.0.1:7101", "127.0.0.1"), ("127.0.0.1:7101", "127.0.0.1:70000"),
        // Whose port that is nobody could say.
        ("\"[::1]:7103\"", "\"::1:7103\""), ("127.0.0.1:8442", "\"::1:8442\""),
        ("local-0a1b2c3d", "Not_A_Name"), ("hs256_secret: token.secret, ", ""),
    ]) func `a value that can't be is refused`(value: String, other: String) {
        #expect(refusal { $0.replacing(value, with: other) } != nil)
    }

    @Test func `a node that joins says so`() throws {
        #expect(try load(Self.valid + "cluster: { join: true }\n").joins)
        #expect(try !load(Self.valid + "cluster: { join: false }\n").joins)
        #expect(try !load(Self.valid + "cluster: {}\n").joins)
    }

    @Test(arguments: ["{ join: maybe }", "{ join: 1 }", "{ jion: true }", "yes"])
    func `what is said of joining must be sound`(section: String) {
        #expect(refusal { $0 + "cluster: \(section)\n" }?.key.hasPrefix("cluster") == true)
    }

    @Test func `a node that joins names a member that is there`() {
        let refusal = refusal {
            $0.replacing("  1: 127.0.0.1:7101\n", with: "").replacing("  3: \"[::1]:7103\"\n", with: "")
                + "cluster: { join: true }\n"
        }
        #expect(refusal?.key == "peers")
        #expect(refusal?.reason == "must name a member that this node can join")
    }

    @Test func `elections can't be quicker than four heartbeats`() {
        let refusal = refusal { $0 + "raft: { heartbeat_milliseconds: 100, election_milliseconds: 200 }\n" }
        #expect(refusal?.key == "raft.election_milliseconds")
    }

    @Test func `what is not YAML is said to be so`() {
        #expect(refusal { _ in "a: [" }?.reason.hasPrefix("not YAML") == true)
        #expect(refusal { _ in "just words" }?.reason == "must be a mapping of keys to values")
    }
}
