import ArgumentParser
import Security

/// `redoubt token`: what concerns the tokens that clients carry.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make tokens for clients.",
        subcommands: [TokenMintCommand.self])
}

/// How a token is signed.
enum TokenAlgorithm: String, ExpressibleByArgument, CaseIterable {
    case hs256
    case es256
}

/// `redoubt token mint`: one signed token on standard output.
struct TokenMintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mint",
        abstract: "Sign a token and print it.",
        discussion: """
            The key is the HS256 secret that the nodes share (.redoubt/keys/token.secret in the local cluster), or \
            a P-256 private key in PEM form whose public half the nodes have.

              redoubt token mint --subject till-7 --role ingest --lifetime 30d --key .redoubt/keys/token.secret
            """)

    @Option(name: .long, help: ArgumentHelp("Who carries the token; part of every idempotency key.", valueName: "name"))
    var subject: String

    @Option(
        name: .long,
        help: ArgumentHelp("What the bearer may do: ingest, analyst or operator. May be repeated.", valueName: "role"))
    var role: [String]

    @Option(
        name: .long,
        help: ArgumentHelp("How long it is good for: seconds, or a number with s, m, h or d.", valueName: "time"))
    var lifetime = "24h"

    @Option(name: .long, help: ArgumentHelp("The signing key; its mode must be 0600 or 0400.", valueName: "file"))
    var key: String

    @Option(name: .long, help: ArgumentHelp("hs256 or es256.", valueName: "name"))
    var algorithm = TokenAlgorithm.hs256

    @Option(name: .long, help: ArgumentHelp("The issuer that the nodes expect.", valueName: "name"))
    var issuer = "redoubt"

    func run() async throws {
        let roles = try parsedRoles()
        let seconds = try parsedLifetime()
        let mint =
            switch algorithm {
            case .hs256: try await TokenMint.hs256(secretPath: key)
            case .es256: try await TokenMint.es256(privateKeyPath: key)
            }
        print(try await mint.mint(subject: subject, roles: roles, lifetimeSeconds: seconds, issuer: issuer))
    }

    private func parsedRoles() throws -> Set<Role> {
        let known = Role.allCases.map(\.rawValue).joined(separator: ", ")
        guard !role.isEmpty else { throw ValidationError("Name at least one --role of: \(known).") }
        return Set(
            try role.map { name in
                guard let role = Role(rawValue: name) else {
                    throw ValidationError("'\(name)' is no role. Roles: \(known).")
                }
                return role
            })
    }

    private func parsedLifetime() throws -> Int64 {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        let unit = lifetime.last.flatMap { units[$0] }
        let digits = unit == nil ? lifetime[...] : lifetime.dropLast()
        guard let number = Int64(digits), number >= 1, number <= TokenMint.maxLifetimeSeconds,
            number * (unit ?? 1) <= TokenMint.maxLifetimeSeconds
        else {
            throw ValidationError(
                "'\(lifetime)' is no lifetime. Examples: 3600, 90s, 15m, 24h, 30d; ten years at most.")
        }
        return number * (unit ?? 1)
    }
}
