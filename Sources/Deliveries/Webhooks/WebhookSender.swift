import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Posts to webhooks: one attempt at a time, to addresses that were checked, without following anybody elsewhere.
public final class WebhookSender: Sendable {
    /// What came of a request, as an operator sees it.
    public struct Report: Sendable, Equatable {
        public let outcome: AttemptOutcome
        /// Nil: there was no answer.
        public let status: Int?
        public let duration: Duration
    }

    /// Of an answer so much is read, for the connection's sake; nobody looks at it.
    private static let answerByteLimit = 65_536
    private static let answerPatience = Duration.seconds(1)

    private let options: WebhookOptions
    private let resolver: any AddressResolver
    private let clients: PinnedClients

    public init(options: WebhookOptions = WebhookOptions(), resolver: any AddressResolver = SystemResolver()) {
        self.options = options
        self.resolver = resolver
        clients = PinnedClients(options: options)
    }

    /// To be called before the last reference goes.
    public func close() async { await clients.close() }

    /// Delivers an alert, once. `attempt` counts from 1.
    public func deliver(_ alert: OutgoingAlert, to endpoint: WebhookEndpoint, attempt: Int) async -> Report {
        await post(
            WebhookBody.alert(alert), id: alert.id, to: endpoint, attempt: attempt)
    }

    /// Sends something that is plainly a test, once, so that an operator sees whether the endpoint works.
    public func test(_ endpoint: WebhookEndpoint) async -> Report {
        await post(WebhookBody.test(endpoint.name), id: "test", to: endpoint, attempt: 1)
    }

    private func post(_ body: [UInt8], id: String, to endpoint: WebhookEndpoint, attempt: Int) async -> Report {
        let begin = ContinuousClock.now
        do {
            let (status, retryAfter) = try await withTimeLimit(options.timeout) { [self] in
                try await exchange(body, id: id, with: endpoint, attempt: attempt)
            }
            return Report(
                outcome: Self.outcome(of: status, retryAfter: retryAfter), status: status,
                duration: ContinuousClock.now - begin)
        } catch {
            return Report(
                outcome: .failed(reason: Self.words(for: error), retryAfter: nil), status: nil,
                duration: ContinuousClock.now - begin)
        }
    }

    /// One request and its answer's status.
    private func exchange(
        _ body: [UInt8], id: String, with endpoint: WebhookEndpoint, attempt: Int
    ) async throws -> (Int, Duration?) {
        let address = try await target(of: endpoint.url, attempt: attempt)
        var request = HTTPClientRequest(url: endpoint.url.text)
        request.method = .POST
        request.headers = [
            "Content-Type": "application/json", "User-Agent": "redoubt",
            WebhookSignature.headerName: WebhookSignature.header(
                body: body, unixSeconds: Int64(Date().timeIntervalSince1970), secret: endpoint.secret),
            "Redoubt-Alert-Id": id, "Redoubt-Delivery-Attempt": "\(attempt)",
        ]
        request.body = .bytes(body)
        let prepared = request
        return try await clients.use(host: endpoint.url.host, address: address) { [options] pinned in
            let response = try await pinned.client.execute(
                prepared, deadline: .now() + .nanoseconds(options.timeout.nanoseconds))
            let retryAfter = response.headers.first(name: "Retry-After").flatMap { RetryAfter.parse($0, now: Date()) }
            // A connection can be used again when its answer was read. One that goes on and on is cut.
            _ = try? await withTimeLimit(Self.answerPatience) {
                try await response.body.collect(upTo: Self.answerByteLimit)
            }
            return (Int(response.status.code), retryAfter)
        }
    }

    /// An address of the host that webhooks may go to; another one with each attempt.
    private func target(of url: WebhookURL, attempt: Int) async throws -> NetworkAddress {
        let addresses =
            if let literal = NetworkAddress(url.host) { [literal] } else { try await resolver.addresses(of: url.host) }
        let allowed = addresses.filter { options.policy.objection(to: $0) == nil }
        guard !allowed.isEmpty else {
            let objection = addresses.lazy.compactMap { [policy = options.policy] in policy.objection(to: $0) }.first
            throw WebhookError.forbiddenTarget(objection ?? "it has no address")
        }
        return allowed[(attempt - 1) % allowed.count]
    }

    private static func outcome(of status: Int, retryAfter: Duration?) -> AttemptOutcome {
        switch status {
        case 200...299: .delivered
        case 300...399: .refused(reason: "answered \(status); redirects are not followed")
        // Too slow, too early, too many: worth another attempt.
        case 408, 425, 429: .failed(reason: "answered \(status)", retryAfter: retryAfter)
        case 400...499: .refused(reason: "answered \(status)")
        default: .failed(reason: "answered \(status)", retryAfter: retryAfter)
        }
    }

    private static func words(for error: any Error) -> String {
        switch error {
        case is CancellationError: "was cut short"
        case is TimeLimitExceeded: "did not answer in time"
        case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout:
            "did not answer in time"
        case let error as HTTPClientError where error == .connectTimeout: "could not be reached in time"
        case let error as WebhookError: "\(error)"
        case let error as ResolutionError: "\(error)"
        default: DeliveryReason.shortened("could not be reached: \(error)")
        }
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
