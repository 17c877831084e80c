package import ArgumentParser
import Foundation
import HTTPSClient

/// Where the cluster is and how to speak to it. Options win over the environment that `.redoubt/env` sets.
package struct ClusterOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A node's address, such as https://127.0.0.1:8441. Repeat it for each node. Default: $REDOUBT_URLS.",
            valueName: "url"))
    package var url: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The certificate authority that signed the nodes' certificates, PEM. Default: $REDOUBT_CACERT.",
            valueName: "file"))
    package var cacert: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Bearer token. Default: $REDOUBT_TOKEN, or $REDOUBT_INGEST_TOKEN where transactions are posted.",
            valueName: "token"))
    package var token: String?

    package init() {}

    /// The nodes' addresses, in the order given.
    func endpoints() throws -> [HTTPSEndpoint] {
        var texts = url
        if texts.isEmpty {
            texts = Self.environment("REDOUBT_URLS")?.split(whereSeparator: \.isWhitespace).map(String.init) ?? []
        }
        guard !texts.isEmpty else {
            throw ValidationError(
                "No node address. Run `source .redoubt/env`, set REDOUBT_URLS, or pass --url https://host:port.")
        }
        return try texts.map { text in
            guard let endpoint = HTTPSEndpoint(text) else {
                throw ValidationError("'\(text)' is not a node address. It must look like https://127.0.0.1:8441.")
            }
            return endpoint
        }
    }

    /// A client that trusts the cluster's authority.
    func client() throws -> HTTPSClient {
        guard let path = cacert ?? Self.environment("REDOUBT_CACERT") else {
            throw ValidationError(
                "No certificate authority. Run `source .redoubt/env`, set REDOUBT_CACERT, or pass --cacert FILE.")
        }
        return try HTTPSClient(authorityPath: path)
    }

    /// A token that may read the cluster's state and order a verification.
    func operatorToken() throws -> String {
        try firstToken(["REDOUBT_TOKEN"])
    }

    /// A token that may post transactions.
    func ingestToken() throws -> String {
        try firstToken(["REDOUBT_INGEST_TOKEN", "REDOUBT_TOKEN"])
    }

    /// Every node's PostgreSQL: those that were named, or those of the environment.
    static func databases(_ named: [String]) throws -> [String] {
        let databases =
            named.isEmpty
            ? environment("REDOUBT_DATABASES")?.split(whereSeparator: \.isWhitespace).map(String.init) ?? [] : named
        guard !databases.isEmpty else {
            throw ValidationError(
                "No PostgreSQL. Run `source .redoubt/env`, set REDOUBT_DATABASES, or pass --database URI.")
        }
        return databases
    }

    static func environment(_ name: String) -> String? {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else { return nil }
        return value
    }

    private func firstToken(_ names: [String]) throws -> String {
        if let token { return token }
        for name in names {
            if let value = Self.environment(name) { return value }
        }
        throw ValidationError(
            "No token. Run `source .redoubt/env`, set \(names[0]), or pass --token; "
                + "`redoubt token mint` makes one.")
    }
}
