package import NIOCore

/// One place in a load: a connection to one of the nodes, reopened when it breaks, moved on when asked.
///
/// Confined to the client's event loop.
package final class RequestLane {
    private let client: HTTPSClient
    private let endpoints: [HTTPSEndpoint]
    private var position: Int
    private var connection: HTTPSConnection?

    /// Starts at the endpoint of that position, counted round.
    package init(client: HTTPSClient, endpoints: [HTTPSEndpoint], position: Int) {
        precondition(!endpoints.isEmpty, "a lane needs somewhere to go")
        self.client = client
        self.endpoints = endpoints
        self.position = position % endpoints.count
    }

    package var endpoint: HTTPSEndpoint { endpoints[position] }

    /// Opens the connection if there is none.
    package func connect() async throws(HTTPSError) {
        if let connection, connection.isUsable { return }
        connection = nil
        connection = try await client.connect(to: endpoint)
    }

    /// One try at the present endpoint.
    package func exchange(_ request: HTTPSRequest, body: ByteBuffer?, timeout: TimeAmount) async
        -> Result<HTTPSResponse, HTTPSError>
    {
        do throws(HTTPSError) {
            try await connect()
        } catch {
            return .failure(error)
        }
        guard let connection else { return .failure(.connection(endpoint, "closed")) }
        return await connection.exchange(request, body: body, timeout: timeout)
    }

    /// Takes the next endpoint from now on.
    package func moveOn() {
        close()
        position = (position + 1) % endpoints.count
    }

    package func close() {
        connection?.close()
        connection = nil
    }
}
