import Deliveries
import Ledger
import Testing

@Suite("News of alerts", .timeLimit(.minutes(1)))
struct AlertNewsTests {
    @Test("Who waits is woken by what comes after, and by nothing else")
    func wakes() async throws {
        let news = AlertNews()
        news.announce(place(5, 0))
        try await news.wait(beyond: place(4, 7))
        let waiting = Task { try await news.wait(beyond: place(5, 0)) }
        news.announce(place(3, 0))
        #expect(news.newest == place(5, 0))
        news.announce(place(5, 1))
        try await waiting.value
    }

    @Test("Who is cancelled waits no longer, whether before or while waiting")
    func cancellation() async throws {
        let news = AlertNews()
        for _ in 0..<200 {
            let waiting = Task { try await news.wait(beyond: .start) }
            if Bool.random() { await Task.yield() }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        }
    }
}
