import Synchronization

/// The clients of all webhooks: connections to one address are shared and kept for a while.
final class PinnedClients: Sendable {
    private struct Target: Hashable {
        let host: String
        let address: NetworkAddress
    }

    private struct State {
        var clients: [Target: PinnedClient] = [:]
        var isClosed = false
    }

    private static let limit = 64

    private let options: WebhookOptions
    private let state = Mutex(State())

    init(options: WebhookOptions) {
        self.options = options
    }

    /// Uses the client of that host at that address. Throws `CancellationError` after `close`.
    func use<Result: Sendable>(
        host: String, address: NetworkAddress, _ body: (PinnedClient) async throws -> Result
    ) async throws -> Result {
        let (client, retired) = try take(Target(host: host, address: address))
        await retired?.retire()
        do {
            let result = try await body(client)
            await client.end()
            return result
        } catch {
            await client.end()
            throw error
        }
    }

    /// Takes no more requests; those under way come to their end.
    func close() async {
        let clients = state.withLock { state in
            defer { state.clients = [:] }
            state.isClosed = true
            return Array(state.clients.values)
        }
        for client in clients { await client.retire() }
    }

    /// A client that has begun, and one that must make room for it.
    private func take(_ target: Target) throws -> (PinnedClient, PinnedClient?) {
        try state.withLock { state in
            guard !state.isClosed else { throw CancellationError() }
            if let known = state.clients[target], known.begin() { return (known, nil) }
            var retired: PinnedClient?
            if state.clients.count >= Self.limit,
                let oldest = state.clients.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                retired = oldest.value
                state.clients[oldest.key] = nil
            }
            let made = PinnedClient(host: target.host, address: target.address, options: options)
            _ = made.begin()
            state.clients[target] = made
            return (made, retired)
        }
    }
}
