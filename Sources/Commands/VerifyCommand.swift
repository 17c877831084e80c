package import ArgumentParser
import HTTPSClient
import NIOCore

/// `redoubt verify`: every node's content digest at one applied index, compared.
package struct VerifyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Prove that all nodes hold the same content.",
        discussion: """
            Commits a verification entry, and asks every node for the digest of its PostgreSQL's content at that \
            entry. Exit code: 0 when all nodes answered and all digests are equal, 1 otherwise.
            """)

    @OptionGroup package var cluster: ClusterOptions

    @Option(name: .long, help: ArgumentHelp("How long to wait for every node's digest.", valueName: "seconds"))
    package var timeout = 120

    @Flag(name: .long, help: "Compare the nodes that answer; a missing one is no failure as long as two answer.")
    package var allowMissing = false

    @Flag(name: .long, help: "Print one JSON object.")
    package var json = false

    package init() {}

    package func validate() throws {
        guard (1...86_400).contains(timeout) else {
            throw ValidationError("--timeout must lie between 1 and 86400 seconds.")
        }
    }

    package func run() async throws {
        let run = VerificationRun(
            client: try cluster.client(), endpoints: try cluster.endpoints(), token: try cluster.operatorToken(),
            timeoutSeconds: timeout)
        let result = try await run.perform()
        if json {
            try JSONOutput.print(result)
        } else {
            print(result.text)
        }
        let missing = result.nodes.filter { $0.digest == nil }.count
        let answered = result.nodes.count - missing
        guard result.equal, missing == 0 || (allowMissing && answered >= 2) else { throw ExitCode(1) }
    }
}

/// What came of a verification.
struct VerificationResult: Encodable, Sendable {
    /// All digests that came are equal, and at least one came.
    let equal: Bool
    let index: UInt64
    let transactions: UInt64
    let nodes: [Node]

    struct Node: Encodable, Sendable {
        let url: String
        let node: UInt64?
        let digest: String?
        let transactions: UInt64?
        let error: String?
    }

    init(index: UInt64, nodes: [Node]) {
        self.index = index
        self.nodes = nodes
        let answers = nodes.filter { $0.digest != nil }
        equal = !answers.isEmpty && Set(answers.map { [$0.digest ?? "", "\($0.transactions ?? 0)"] }).count == 1
        transactions = answers.first?.transactions ?? 0
    }

    var text: String {
        var table = TextTable(header: ["NODE", "TRANSACTIONS", "DIGEST", "URL"])
        for node in nodes {
            table.append([
                node.node.map { String($0) } ?? "-", node.transactions.map { String($0) } ?? "-",
                node.digest.map(Self.short) ?? node.error ?? "no answer", node.url,
            ])
        }
        let missing = nodes.filter { $0.digest == nil }.count
        let verdict =
            !equal
            ? "NOT EQUAL at index \(index)"
            : missing == 0
                ? "Equal at index \(index): \(transactions) transactions on every node"
                : "Equal at index \(index) where answered; \(missing) of \(nodes.count) nodes did not answer"
        return table.text + "\n" + verdict
    }

    /// Enough of a digest for the eye; the JSON has all of it.
    private static func short(_ digest: String) -> String {
        digest.count > 24 ? digest.prefix(24) + "…" : digest
    }
}

/// Carries a verification out.
struct VerificationRun: Sendable {
    let client: HTTPSClient
    let endpoints: [HTTPSEndpoint]
    let token: String
    let timeoutSeconds: Int

    private struct Started: Decodable {
        let index: UInt64
    }

    private struct Digest: Decodable {
        let node: UInt64
        let index: UInt64
        let digest: String
        let transactions: UInt64
    }

    func perform() async throws -> VerificationResult {
        let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
        let index = try await start(deadline)
        let nodes = await withTaskGroup(of: (Int, VerificationResult.Node).self) { group in
            for (position, endpoint) in endpoints.enumerated() {
                group.addTask { (position, await digest(of: endpoint, at: index, deadline)) }
            }
            var nodes: [(Int, VerificationResult.Node)] = []
            for await node in group { nodes.append(node) }
            return nodes.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return VerificationResult(index: index, nodes: nodes)
    }

    /// Any node can start it: the first that does.
    private func start(_ deadline: ContinuousClock.Instant) async throws -> UInt64 {
        let request = HTTPSRequest("POST", "/cluster/verify", token: token)
        var lastError: (any Error)?
        repeat {
            for endpoint in endpoints {
                do {
                    let response = try await client.request(request, to: endpoint, timeout: .seconds(10))
                    guard response.isSuccess else {
                        throw HTTPSError.refused(endpoint, status: response.status, response.problem)
                    }
                    return try JSONOutput.decode(Started.self, from: response).index
                } catch {
                    if case HTTPSError.refused(_, let status, _) = error, (400..<429).contains(status) { throw error }
                    lastError = error
                }
            }
            try await Task.sleep(for: .milliseconds(200))
        } while ContinuousClock.now < deadline
        throw lastError ?? ValidationError("No node started the verification.")
    }

    private func digest(
        of endpoint: HTTPSEndpoint, at index: UInt64, _ deadline: ContinuousClock.Instant
    ) async -> VerificationResult.Node {
        let request = HTTPSRequest("GET", "/cluster/digest/\(index)", token: token)
        var reason = "no answer in time"
        repeat {
            do {
                let response = try await client.request(request, to: endpoint, timeout: .seconds(10))
                if response.status == 200 {
                    let digest = try JSONOutput.decode(Digest.self, from: response)
                    return VerificationResult.Node(
                        url: endpoint.description, node: digest.node, digest: digest.digest,
                        transactions: digest.transactions, error: nil)
                }
                reason = "\(response.status) \(response.problem)"
                if response.status == 401 || response.status == 403 { break }
            } catch {
                reason = String(describing: error)
            }
            try? await Task.sleep(for: .milliseconds(100))
        } while ContinuousClock.now < deadline
        return VerificationResult.Node(
            url: endpoint.description, node: nil, digest: nil, transactions: nil, error: reason)
    }
}
