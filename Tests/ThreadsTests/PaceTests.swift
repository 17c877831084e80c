import Glibc
import Testing
import Threads

/// Only what must have been waited can be told on a machine with other work: never what was not.
@Suite("A pace")
struct PaceTests {
    private func time(_ body: () -> Void) -> Duration { ContinuousClock().measure(body) }

    @Test("each piece waits for those before it")
    func piecesWait() {
        let pace = Pace(bytesPerSecond: 1000)
        let taken = time { for _ in 0..<4 { pace.spend(50) } }
        #expect(taken >= .milliseconds(150), "three of four are waited for")
    }

    @Test("threads that share one share its rate")
    func threadsShare() {
        let pace = Pace(bytesPerSecond: 1000)
        let taken = time {
            let threads = (0..<4).map { number in DedicatedThread(name: "pace \(number)") { pace.spend(50) } }
            for thread in threads { thread.join() }
        }
        #expect(taken >= .milliseconds(150))
    }

    @Test("time in which nothing was done is not saved up")
    func idleTimeIsLost() {
        let pace = Pace(bytesPerSecond: 1000)
        pace.spend(1)
        usleep(200_000)
        let taken = time { for _ in 0..<3 { pace.spend(50) } }
        #expect(taken >= .milliseconds(100))
    }
}
