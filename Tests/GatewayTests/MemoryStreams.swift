import Gateway
import Ledger
import Pipeline
import Streams
import Synchronization

/// A stand-in for what operators do with streams, that remembers what it was asked for and fails on request.
final class MemoryStreams: StreamBackend {
    enum Call: Equatable {
        case setPaused(Bool)
        case reset(StreamPartition, clusterID: String?, nextOffset: Int64, author: String)
        case forget(StreamPartition, author: String)
        case deadLetters(after: OutboxPosition, limit: Int)
    }

    struct State {
        var calls: [Call] = []
        var reader: PipelineReport?
        var producer: StreamProducerReport?
        var offsets: [StreamOffset] = []
        var outbox = LedgerState().outbox
        var previous: StreamPosition?
        var letters = DeadLetterPage(letters: [], hasMore: false)
        var failure: BackendError?
    }

    let state = Mutex(State())
    var calls: [Call] { state.withLock { $0.calls } }

    private func note(_ call: Call) throws(BackendError) -> State {
        let state = state.withLock { state in
            state.calls.append(call)
            return state
        }
        if let failure = state.failure { throw failure }
        return state
    }

    var reader: PipelineReport? { state.withLock { $0.reader } }
    var producer: StreamProducerReport? { state.withLock { $0.producer } }

    func setPaused(_ isPaused: Bool) throws(BackendError) { _ = try note(.setPaused(isPaused)) }

    func offsets() async throws(BackendError) -> [StreamOffset] { state.withLock { $0.offsets } }

    func resetStream(
        _ partition: StreamPartition, clusterID: String?, nextOffset: Int64, author: String
    ) async throws(BackendError) -> StreamChangeReceipt {
        let state = try note(.reset(partition, clusterID: clusterID, nextOffset: nextOffset, author: author))
        return StreamChangeReceipt(previous: state.previous, changed: true, commitIndex: 31)
    }

    func forgetStream(
        _ partition: StreamPartition, author: String
    ) async throws(BackendError) -> StreamChangeReceipt {
        let state = try note(.forget(partition, author: author))
        return StreamChangeReceipt(previous: state.previous, changed: state.previous != nil, commitIndex: 32)
    }

    func deadLetters(after position: OutboxPosition, limit: Int) async throws(BackendError) -> DeadLetterPage {
        try note(.deadLetters(after: position, limit: limit)).letters
    }

    func outbox() async throws(BackendError) -> Outbox { state.withLock { $0.outbox } }
}
