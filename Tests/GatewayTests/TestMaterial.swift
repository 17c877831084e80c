import Foundation
import Security
import Synchronization

/// To be removed when the tests end.
private let madeDirectory = Mutex("")

struct MaterialError: Error, CustomStringConvertible {
    let description: String
}

/// A certificate and token keys, made once for all tests of a run.
final class TestMaterial: Sendable {
    static let issuer = "redoubt-test"

    let directory: String
    let mint: TokenMint
    let es256Mint: TokenMint
    /// Signs with a key that no gateway knows.
    let forger: TokenMint

    var certificatePath: String { directory + "/certificate.pem" }
    var privateKeyPath: String { directory + "/private-key.pem" }
    var secretPath: String { directory + "/token.secret" }
    var es256PublicKeyPath: String { directory + "/token-public.pem" }

    private static let making = Task { try await TestMaterial() }

    static func shared() async throws -> TestMaterial { try await making.value }

    private init() async throws {
        directory = FileManager.default.temporaryDirectory.path + "/redoubt-gateway-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let script = """
            set -e
            umask 077
            cd "$0"
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout private-key.pem \
                -out certificate.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1
            openssl rand -hex 32 > token.secret
            openssl rand -hex 32 > forged.secret
            openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out token-private.pem
            openssl ec -in token-private.pem -pubout -out token-public.pem
            """
        let result = try await runProgram(["bash", "-c", script, directory])
        // Not by #require: every test that needs the material is to fail, not only the first.
        guard result.status == 0 else { throw MaterialError(description: "openssl failed: \(result.errors)") }
        mint = try await TokenMint.hs256(secretPath: directory + "/token.secret")
        es256Mint = try await TokenMint.es256(privateKeyPath: directory + "/token-private.pem")
        forger = try await TokenMint.hs256(secretPath: directory + "/forged.secret")
        madeDirectory.withLock { $0 = directory }
        atexit { madeDirectory.withLock { try? FileManager.default.removeItem(atPath: $0) } }
    }

    func token(_ roles: Set<Role>) async throws -> String {
        try await mint.mint(subject: "tester", roles: roles, lifetimeSeconds: 600, issuer: Self.issuer)
    }
}
