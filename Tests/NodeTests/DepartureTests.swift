import Logging
import Node
import Synchronization
import Testing

@Suite("A node that is asked to stop") struct DepartureTests {
    /// Leads until it was asked to step aside and then looked at a few times, or for ever.
    private final class Leader: Sendable {
        private let looksLeft: Mutex<Int>
        private let aside = Atomic<Bool>(false)

        init(looksLeft: Int) { self.looksLeft = Mutex(looksLeft) }

        var isAside: Bool { aside.load(ordering: .relaxed) }

        func stepAside() { aside.store(true, ordering: .relaxed) }

        var leads: Bool {
            looksLeft.withLock { left in
                if isAside, left > 0 { left -= 1 }
                return left > 0
            }
        }
    }

    private func departure(of leader: Leader, limit: Duration) -> Departure {
        Departure(
            limit: limit, logger: Logger(label: "test"), leads: { leader.leads },
            stepAside: { leader.stepAside() })
    }

    @Test func `hands the leadership over, and goes on stopping when another node leads`() async {
        let leader = Leader(looksLeft: 3)
        let departure = departure(of: leader, limit: .seconds(60))
        #expect(!departure.isUnderWay)
        let began = ContinuousClock.now
        await departure.perform()
        #expect(departure.isUnderWay)
        #expect(leader.isAside)
        #expect(!leader.leads)
        #expect(ContinuousClock.now - began < .seconds(30))
    }

    @Test func `stops all the same when nobody takes over`() async {
        let leader = Leader(looksLeft: .max)
        await departure(of: leader, limit: .milliseconds(20)).perform()
        #expect(leader.isAside)
        #expect(leader.leads)
    }

    @Test func `is nobody's successor, be it a follower`() async {
        let follower = Leader(looksLeft: 0)
        await departure(of: follower, limit: .seconds(60)).perform()
        #expect(follower.isAside)
    }
}
