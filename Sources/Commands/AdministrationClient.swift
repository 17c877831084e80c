import HTTPSClient
import NIOCore

/// Carries an operator's requests to the cluster.
struct AdministrationClient: Sendable {
    let client: HTTPSClient
    let endpoints: [HTTPSEndpoint]
    let token: String

    init(_ options: ClusterOptions) throws {
        client = try options.client()
        endpoints = try options.endpoints()
        token = try options.operatorToken()
    }

    var observer: ClusterObserver { ClusterObserver(client: client, endpoints: endpoints, token: token) }

    /// Asks node after node until one answers, for any of them can do it. While no leader is known, and while another
    /// change is under way, it is asked again until the time is up.
    func send<Answer: Decodable>(
        _ request: AdministrationRequest, as type: Answer.Type, patienceSeconds: Int
    ) async throws -> Answer {
        let deadline = ContinuousClock.now + .seconds(patienceSeconds)
        var mayBeDone: String?
        var progress = ProgressLine()
        defer { progress.finish() }
        while true {
            var unreachable: [String] = []
            var refusal: AdministrationFailure?
            for endpoint in endpoints {
                switch await exchange(request, endpoint) {
                case .success(let response) where response.isSuccess:
                    return try JSONOutput.decode(type, from: response)
                case .success(let response):
                    let failure = AdministrationFailure(response, endpoint)
                    guard failure.passes else { throw failure.after(mayBeDone) }
                    refusal = failure
                case .failure(.broken(let reason)):
                    mayBeDone = reason
                    unreachable.append(reason)
                case .failure(.notSent(let reason)):
                    unreachable.append(reason)
                }
            }
            guard ContinuousClock.now < deadline else {
                if let mayBeDone { throw AdministrationFailure.unknown(mayBeDone) }
                throw refusal ?? .unreachable(unreachable)
            }
            progress.show(fraction: nil, "waiting: \(refusal?.shortText ?? unreachable.first ?? "no answer")")
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    /// One try at the first node that can be reached: for what must not be done twice.
    func sendOnce<Answer: Decodable>(_ request: AdministrationRequest, as type: Answer.Type) async throws -> Answer {
        var unreachable: [String] = []
        for endpoint in endpoints {
            switch await exchange(request, endpoint) {
            case .success(let response):
                guard response.isSuccess else { throw AdministrationFailure(response, endpoint) }
                return try JSONOutput.decode(type, from: response)
            case .failure(.notSent(let reason)): unreachable.append(reason)
            case .failure(.broken(let reason)): throw AdministrationFailure.unknown(reason)
            }
        }
        throw AdministrationFailure.unreachable(unreachable)
    }

    /// What a node answers to a question, as bytes; of the first one that answers.
    func bytes(_ request: AdministrationRequest) async throws -> ByteBuffer {
        var unreachable: [String] = []
        for endpoint in endpoints {
            switch await exchange(request, endpoint) {
            case .success(let response):
                guard response.isSuccess else { throw AdministrationFailure(response, endpoint) }
                return response.body
            case .failure(.notSent(let reason)), .failure(.broken(let reason)): unreachable.append(reason)
            }
        }
        throw AdministrationFailure.unreachable(unreachable)
    }

    /// One try at one node.
    func send<Answer: Decodable>(
        _ request: AdministrationRequest, as type: Answer.Type, to endpoint: HTTPSEndpoint
    ) async throws -> Answer {
        switch await exchange(request, endpoint) {
        case .success(let response):
            guard response.isSuccess else { throw AdministrationFailure(response, endpoint) }
            return try JSONOutput.decode(type, from: response)
        case .failure(.notSent(let reason)): throw AdministrationFailure.unreachable([reason])
        case .failure(.broken(let reason)): throw AdministrationFailure.unknown(reason)
        }
    }

    private enum Interruption: Error {
        /// The connection did not come about.
        case notSent(String)
        /// It broke, or the answer did not come in time.
        case broken(String)
    }

    private func exchange(
        _ request: AdministrationRequest, _ endpoint: HTTPSEndpoint
    ) async -> Result<HTTPSResponse, Interruption> {
        let body = request.bytes.map { ByteBuffer(bytes: $0) } ?? request.body.map { ByteBuffer(string: $0) }
        let head = HTTPSRequest(
            request.method, request.path, token: token, contentType: body == nil ? nil : request.contentType,
            fields: request.fields)
        do {
            let client = client
            return try await client.run {
                let connection: HTTPSConnection
                do throws(HTTPSError) {
                    connection = try await client.connect(to: endpoint)
                } catch {
                    return .failure(.notSent(error.description))
                }
                defer { connection.close() }
                // A snapshot, and a leader that hands over, take their time.
                return await connection.exchange(head, body: body, timeout: .seconds(60))
                    .mapError { .broken($0.description) }
            }
        } catch {
            return .failure(.notSent("\(error)"))
        }
    }
}

extension AdministrationFailure {
    init(_ response: HTTPSResponse, _ endpoint: HTTPSEndpoint) {
        let type = response.problemType
        self = .refused(
            node: endpoint.description, status: response.status,
            code: type.map { String($0.split(separator: ":").last ?? "") } ?? "unknown", text: response.problem)
    }

    /// It may be otherwise in a moment.
    fileprivate var passes: Bool {
        guard case .refused(_, let status, let code, _) = self else { return false }
        return status == 429
            || ["unavailable", "change-under-way", "transfer-under-way", "node-not-waiting"].contains(code)
    }

    /// A refusal that may be due to the request itself having been heard before.
    fileprivate func after(_ broken: String?) -> AdministrationFailure {
        guard let broken, case .refused(_, _, let code, let text) = self,
            ["already-member", "member-unknown"].contains(code)
        else { return self }
        return .unknown("\(broken); and then: \(text)")
    }

    fileprivate var shortText: String {
        guard case .refused(_, _, _, let text) = self else { return description }
        return text
    }
}
