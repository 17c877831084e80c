import Bytes
import HTTPTypes
import Ledger
import NIOCore
import Pipeline
import Security

/// The way between Kafka and the ledger.
extension Responder {
    func respondAboutStreams(_ request: Request) async throws -> Reply {
        let principal = try await authorize(request, .operator)
        if request.route == .deadLetters { return try await listDeadLetters(request) }
        try rejectQuery(request)
        switch request.route {
        case .pipeline: return try await getPipeline()
        case .pipelinePause: return try await setPaused(true, principal)
        case .pipelineResume: return try await setPaused(false, principal)
        case .pipelineReset: return try await resetStream(request, principal)
        default: preconditionFailure("\(request.route) is not about streams")
        }
    }

    private func getPipeline() async throws -> Reply {
        let streams = backend.streams
        return Reply(
            .ok,
            try encode(
                PipelineDocument(
                    reader: streams.reader, producer: streams.producer, offsets: try await streams.offsets(),
                    outbox: try await streams.outbox())))
    }

    private func setPaused(_ isPaused: Bool, _ principal: Principal) async throws -> Reply {
        try await change(principal, isPaused ? "pause the pipeline" : "resume the pipeline") {
            () throws(BackendError) in try backend.streams.setPaused(isPaused)
        }
        return Reply(.ok, Array("{\"paused\":\(isPaused)}".utf8))
    }

    private func resetStream(_ request: Request, _ principal: Principal) async throws -> Reply {
        try requireContentType(request, ["application/json"])
        let (partition, wanted) = try StreamRequests.change(try body(of: request))
        let receipt: StreamChangeReceipt
        switch wanted {
        case .reset(let clusterID, let nextOffset):
            receipt = try await change(principal, "reset \(partition) to \(nextOffset)") { () throws(BackendError) in
                try await backend.streams.resetStream(
                    partition, clusterID: clusterID, nextOffset: nextOffset, author: principal.subject)
            }
        case .forget:
            receipt = try await change(principal, "forget \(partition)") { () throws(BackendError) in
                try await backend.streams.forgetStream(partition, author: principal.subject)
            }
        }
        return Reply(.ok, try encode(StreamChangeDocument(partition, receipt)))
    }

    private func listDeadLetters(_ request: Request) async throws -> Reply {
        let parameters = try QueryParameters(request.query, known: ["after", "limit"])
        var position = OutboxPosition.start
        if let text = parameters["after"] {
            guard let sent = OutboxPosition(sentBack: text) else {
                throw Problem.invalid("after", OutboxPosition.fault)
            }
            position = sent
        }
        let limit = try parameters.limit(upTo: UInt64(LedgerStore.deadLetterPageLimits.upperBound), default: 20)
        let page = try await backend.streams.deadLetters(after: position, limit: limit)
        var body: [UInt8] = []
        JSONBytes.append("{\"letters\":[", to: &body)
        for (place, letter) in page.letters.enumerated() {
            if place > 0 { body.append(UInt8(ascii: ",")) }
            DeadLetterJSON.append(letter, to: &body)
        }
        JSONBytes.append("],\"next_position\":", to: &body)
        JSONBytes.append(nullable: page.hasMore ? page.letters.last.map { "\($0.position)" } : nil, to: &body)
        JSONBytes.append("}", to: &body)
        return Reply(.ok, body)
    }
}
