import HTTPSClient
import NIOCore

/// Tries that brought no success, by kind.
struct FailedAttempts: Encodable, Sendable {
    var connection = 0
    var status4xx = 0
    var status5xx = 0

    private enum CodingKeys: String, CodingKey {
        case connection
        case status4xx = "status_4xx"
        case status5xx = "status_5xx"
    }

    var total: Int { connection + status4xx + status5xx }

    mutating func count(_ exchange: Result<HTTPSResponse, HTTPSError>) {
        switch exchange {
        case .failure: connection += 1
        case .success(let response) where response.status >= 500: status5xx += 1
        case .success(let response) where response.status >= 400: status4xx += 1
        case .success: break
        }
    }
}

/// Carries one request through failures: the same bytes, with the same ids, to one node after another.
struct Delivery {
    /// How it ended.
    enum Outcome {
        case acknowledged(HTTPSResponse)
        /// An answer that no repetition would change.
        case refused(HTTPSError)
        /// Nothing but failures until the deadline; the last one.
        case expired(HTTPSError)
    }

    var attemptTimeout = TimeAmount.seconds(15)
    var deadlineSeconds = 60

    /// Backs off with jitter between tries; a node's Retry-After counts once every node has been tried.
    func carry(
        _ request: HTTPSRequest, body: ByteBuffer, over lane: RequestLane, nodes: Int, failed: inout FailedAttempts
    ) async -> Outcome {
        let deadline = ContinuousClock.now + .seconds(deadlineSeconds)
        var tries = 0
        while true {
            let exchange = await lane.exchange(request, body: body, timeout: attemptTimeout)
            failed.count(exchange)
            var pauseMilliseconds = Self.pauseMilliseconds(afterTry: tries)
            let error: HTTPSError
            switch exchange {
            case .success(let response) where response.isSuccess:
                return .acknowledged(response)
            case .success(let response):
                error = .refused(lane.endpoint, status: response.status, response.problem)
                guard Self.isWorthRepeating(response.status) else { return .refused(error) }
                if tries >= nodes, let seconds = response.retryAfterSeconds {
                    pauseMilliseconds = max(pauseMilliseconds, min(seconds, 5) * 1_000)
                }
            case .failure(let failure):
                error = failure
            }
            tries += 1
            lane.moveOn()
            guard ContinuousClock.now + .milliseconds(pauseMilliseconds) < deadline else { return .expired(error) }
            do {
                try await Task.sleep(for: .milliseconds(pauseMilliseconds))
            } catch {
                return .expired(.connection(lane.endpoint, "cancelled"))
            }
        }
    }

    /// Busy, away, or between leaders.
    private static func isWorthRepeating(_ status: Int) -> Bool {
        [408, 425, 429, 502, 503, 504].contains(status)
    }

    /// 10 ms doubling to 500 ms, each between half and whole.
    private static func pauseMilliseconds(afterTry tries: Int) -> Int {
        let ceiling = min(500, 10 << min(tries, 6))
        return Int.random(in: ceiling / 2...ceiling)
    }
}
