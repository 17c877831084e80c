import Foundation
import Security
import Synchronization
import Testing

/// Key files in a directory of their own, removed with it.
private final class KeyDirectory {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/redoubt-token-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ content: String, mode: Int = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        try Data(content.utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }
}

private let secret = String(repeating: "0123456789abcdef", count: 2)
private let publicPEM = """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQPUBLIC
    -----END PUBLIC KEY-----
    """
private let start: Int64 = 1_800_000_000

@Suite("Tokens are taken only when everything about them is right")
struct TokenTests {
    private let directory: KeyDirectory
    private let secretPath: String
    private let clock = TestClock()

    init() throws {
        directory = try KeyDirectory()
        secretPath = try directory.file("secret", secret + "\n")
    }

    private func verifier(_ policy: TokenPolicy = TokenPolicy()) async throws -> TokenVerifier {
        let keys = try await TokenKeys.load(hs256SecretPath: secretPath, es256PublicKeyPath: nil)
        return TokenVerifier(keys: keys, policy: policy, clock: { [clock] in clock.seconds })
    }

    private func token(
        lifetime: Int64 = 600, issuer: String? = nil, audience: String? = nil, at: Int64 = start
    ) async throws -> String {
        try await TokenMint.hs256(secretPath: secretPath).mint(
            subject: "shop", roles: [.ingest, .analyst], lifetimeSeconds: lifetime, issuer: issuer, audience: audience,
            nowSeconds: at)
    }

    /// A token of any header and claims, signed with the right secret by openssl.
    private func signed(_ header: String, _ claims: String) throws -> String {
        let text = [header, claims].map { base64URL(Data($0.utf8)) }.joined(separator: ".")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let file = try directory.file("unsigned-\(UUID().uuidString)", text)
        process.arguments = ["openssl", "dgst", "-sha256", "-hmac", secret, "-binary", file]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let signature = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return text + "." + base64URL(signature)
    }

    private func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static let header = #"{"alg":"HS256","typ":"JWT"}"#

    @Test("A minted token gives back its subject and roles")
    func roundTrip() async throws {
        let principal = try await verifier().verify(bearer: try await token())
        #expect(principal.subject == "shop" && principal.roles == [.ingest, .analyst])
        // Ten minutes and the leeway of thirty seconds.
        #expect(principal.validUntilSeconds == start + 630)
        #expect(principal.may(.ingest))
        #expect(!principal.may(.operator))
        #expect(Principal(subject: "o", roles: [.operator]).may(.analyst))
    }

    @Test("A token holds until its end and the leeway, and not a second longer")
    func expiry() async throws {
        let verifier = try await verifier()
        let token = try await token(lifetime: 100)
        clock.set(start + 129)
        _ = try await verifier.verify(bearer: token)
        clock.set(start + 130)
        await #expect(throws: TokenError.expired) { try await verifier.verify(bearer: token) }
    }

    @Test("A token signed with another secret is refused")
    func forged() async throws {
        let other = try directory.file("other", String(repeating: "z", count: 32))
        let forged = try await TokenMint.hs256(secretPath: other).mint(
            subject: "shop", roles: [.operator], lifetimeSeconds: 60, nowSeconds: start)
        let verifier = try await verifier()
        await #expect(throws: TokenError.signatureInvalid) { try await verifier.verify(bearer: forged) }
        #expect(verifier.cachedTokens == 0)
    }

    @Test("A claim changed after signing is noticed")
    func tampered() async throws {
        let parts = try await token().split(separator: ".")
        let claims = base64URL(Data(#"{"sub":"shop","roles":["operator"],"exp":9999999999}"#.utf8))
        let verifier = try await verifier()
        await #expect(throws: TokenError.signatureInvalid) {
            try await verifier.verify(bearer: "\(parts[0]).\(claims).\(parts[2])")
        }
    }

    @Test("Only the algorithms that have a key are taken", arguments: ["none", "None", "HS512", "RS256", "ES256", ""])
    func algorithms(name: String) async throws {
        let token = try signed(#"{"alg":"\#(name)"}"#, #"{"sub":"s","roles":["ingest"],"exp":9999999999}"#)
        let verifier = try await verifier()
        await #expect(throws: TokenError.algorithmNotAccepted(name)) { try await verifier.verify(bearer: token) }
    }

    @Test("A signature left out is not taken for one")
    func unsigned() async throws {
        let parts = try await token().split(separator: ".")
        let verifier = try await verifier()
        await #expect(throws: TokenError.signatureInvalid) {
            try await verifier.verify(bearer: "\(parts[0]).\(parts[1]).")
        }
    }

    @Test(
        "A claim that is missing is named",
        arguments: [
            (#"{"sub":"s","roles":[]}"#, "exp"), (#"{"exp":9999999999,"roles":[]}"#, "sub"),
            (#"{"exp":9999999999,"sub":"s"}"#, "roles"),
        ])
    func missingClaims(claims: String, name: String) async throws {
        let verifier = try await verifier()
        let token = try signed(Self.header, claims)
        await #expect(throws: TokenError.missingClaim(name)) { try await verifier.verify(bearer: token) }
    }

    @Test(
        "Claims of a wrong form are refused",
        arguments: [
            #"{"exp":"soon","sub":"s","roles":[]}"#, #"{"exp":9999999999,"sub":7,"roles":[]}"#,
            #"{"exp":9999999999,"sub":"s","roles":"ingest"}"#, "[]", "{",
        ])
    func malformedClaims(claims: String) async throws {
        let verifier = try await verifier()
        let token = try signed(Self.header, claims)
        await #expect {
            try await verifier.verify(bearer: token)
        } throws: { error in
            if case .malformed = error as? TokenError { true } else { false }
        }
    }

    @Test("An end beyond all time is no time")
    func endlessToken() async throws {
        let verifier = try await verifier()
        let token = try signed(Self.header, #"{"exp":1e300,"sub":"s","roles":[]}"#)
        await #expect(throws: TokenError.invalidClaim(name: "exp", reason: "is not a time")) {
            try await verifier.verify(bearer: token)
        }
    }

    @Test("An unknown role grants nothing and spoils nothing")
    func unknownRole() async throws {
        let token = try signed(Self.header, #"{"exp":9999999999,"sub":"s","roles":["king","ingest"]}"#)
        #expect(try await verifier().verify(bearer: token).roles == [.ingest])
    }

    @Test("Issuer and audience are held to when they are configured")
    func issuerAndAudience() async throws {
        let strict = try await verifier(TokenPolicy(issuer: "home", audience: "redoubt"))
        _ = try await strict.verify(bearer: try await token(issuer: "home", audience: "redoubt"))
        let foreign = try await token(issuer: "away", audience: "redoubt")
        await #expect(throws: TokenError.wrongIssuer) { try await strict.verify(bearer: foreign) }
        let nameless = try await token(audience: "redoubt")
        await #expect(throws: TokenError.missingClaim("iss")) { try await strict.verify(bearer: nameless) }
        let misdirected = try await token(issuer: "home", audience: "other")
        await #expect(throws: TokenError.wrongAudience) { try await strict.verify(bearer: misdirected) }
    }

    @Test("A token that is not valid yet waits")
    func notYetValid() async throws {
        let token = try signed(Self.header, #"{"exp":9999999999,"nbf":\#(start + 100),"sub":"s","roles":[]}"#)
        let verifier = try await verifier()
        await #expect(throws: TokenError.notYetValid) { try await verifier.verify(bearer: token) }
        clock.set(start + 70)
        _ = try await verifier.verify(bearer: token)
    }

    @Test("A critical extension is refused, being unknown")
    func criticalExtension() async throws {
        let token = try signed(
            #"{"alg":"HS256","crit":["b64"]}"#, #"{"sub":"s","roles":["ingest"],"exp":9999999999}"#)
        let verifier = try await verifier()
        await #expect(throws: TokenError.malformed("its header has critical extensions")) {
            try await verifier.verify(bearer: token)
        }
    }

    @Test("Any bytes in place of a token are an error and nothing worse")
    func anyBytes() async throws {
        let verifier = try await verifier()
        for text in ["", ".", "..", "...", "a.b.c", "é.é.é", "e30.e30.", String(repeating: ".", count: 4096)] {
            await #expect(throws: TokenError.self) { try await verifier.verify(bearer: text) }
        }
        let long = String(repeating: "x", count: 4097)
        await #expect(throws: TokenError.tooLong(limit: 4096)) { try await verifier.verify(bearer: long) }
    }

    @Test("A verified token is remembered for a bounded time, never past its end")
    func cache() async throws {
        let verifier = try await verifier()
        let long = try await token(lifetime: 10_000)
        let short = try await token(lifetime: 100)
        _ = try await verifier.verify(bearer: long)
        _ = try await verifier.verify(bearer: short)
        clock.set(start + 99)
        #expect(verifier.cachedPrincipal(bearer: long) != nil)
        #expect(verifier.cachedPrincipal(bearer: short) != nil)
        clock.set(start + 100)
        #expect(verifier.cachedPrincipal(bearer: short) == nil)
        clock.set(start + 300)
        #expect(verifier.cachedPrincipal(bearer: long) == nil)
    }

    @Test("The cache keeps to its bound")
    func cacheBound() async throws {
        let verifier = try await verifier(TokenPolicy(cacheCapacity: 4))
        for second in 0..<20 {
            _ = try await verifier.verify(bearer: try await token(lifetime: 600 + Int64(second)))
            #expect(verifier.cachedTokens <= 4)
        }
    }

    @Test("A secret that others can read, is short or is missing is refused by its path")
    func secretFiles() async throws {
        let open = try directory.file("open", secret, mode: 0o640)
        let short = try directory.file("short", "tiny")
        for path in [open, short, directory.path + "/none", directory.path] {
            await #expect {
                try await TokenKeys.load(hs256SecretPath: path, es256PublicKeyPath: nil)
            } throws: { error in
                if case .key(path, _) = error as? TokenError { true } else { false }
            }
        }
        await #expect(throws: TokenError.noKeyConfigured) {
            try await TokenKeys.load(hs256SecretPath: nil, es256PublicKeyPath: nil)
        }
    }

    @Test("A file that is no P-256 key is refused by its path")
    func keyFiles() async throws {
        let bad = try directory.file("bad.pem", publicPEM)
        await #expect(throws: TokenError.key(path: bad, reason: "is not a P-256 public key in PEM form")) {
            try await TokenKeys.load(hs256SecretPath: nil, es256PublicKeyPath: bad)
        }
        await #expect(throws: TokenError.key(path: bad, reason: "is not a P-256 private key in PEM form")) {
            try await TokenMint.es256(privateKeyPath: bad)
        }
    }

    @Test("What cannot be a token is not minted")
    func mintBounds() async throws {
        let mint = try await TokenMint.hs256(secretPath: secretPath)
        await #expect(throws: TokenError.self) {
            try await mint.mint(subject: "", roles: [.ingest], lifetimeSeconds: 1)
        }
        await #expect(throws: TokenError.self) { try await mint.mint(subject: "s", roles: [], lifetimeSeconds: 1) }
        await #expect(throws: TokenError.self) {
            try await mint.mint(subject: "s", roles: [.ingest], lifetimeSeconds: 0)
        }
    }
}

/// A clock that the test sets; it begins at `start`.
private final class TestClock: Sendable {
    private let now = Mutex(start)

    var seconds: Int64 { now.withLock { $0 } }
    func set(_ seconds: Int64) { now.withLock { $0 = seconds } }
}
