import Foundation
import Testing

/// Authorities and certificates that the tests make once, with the `openssl` command, in a directory of their own.
struct Certificates {
    static let clusterID = "blue"
    static let shared = Result { try Certificates() }

    let directory: String

    /// Names: `<authority>-<cluster>-<node>`, as in `ca-blue-1`; authorities are `ca` and `other`.
    private init() throws {
        directory = NSTemporaryDirectory() + "redoubt-peers-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var script = """
            set -eu
            cd '\(directory)'
            printf '[req]\\ndistinguished_name=dn\\n[dn]\\n' > req.cnf
            make() { openssl req -config req.cnf -x509 -days 2 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 "$@" 2>>log; }
            for authority in ca other; do
                make -subj "/CN=$authority" -addext basicConstraints=critical,CA:TRUE \
                    -keyout $authority.key -out $authority.crt
            done

            """
        for (authority, cluster, node) in [
            ("ca", "blue", 1), ("ca", "blue", 2), ("ca", "blue", 3), ("ca", "green", 2), ("other", "blue", 2),
        ] {
            let name = "\(authority)-\(cluster)-\(node)"
            script += """
                make -CA \(authority).crt -CAkey \(authority).key -subj /CN=node-\(node) \
                    -addext subjectAltName=DNS:node-\(node),DNS:localhost,IP:127.0.0.1,URI:redoubt://\(cluster)/node/\(node) \
                    -keyout \(name).key -out \(name).crt

                """
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl failed, see \(directory)/log")
        let made = directory
        Self.removeAtExit = made
        atexit { try? FileManager.default.removeItem(atPath: Certificates.removeAtExit) }
    }

    nonisolated(unsafe) private static var removeAtExit = ""

    func certificate(_ name: String) -> String { "\(directory)/\(name).crt" }
    func key(_ name: String) -> String { "\(directory)/\(name).key" }
}
