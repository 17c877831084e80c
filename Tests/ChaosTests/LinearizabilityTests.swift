import Chaos
import Testing

@Suite("Linearizability of a register")
struct LinearizabilityTests {
    private enum Step: Sendable {
        case write(Int)
        case read(Int)
    }

    private typealias Call = Linearizability.Call<Step>

    private func check(_ calls: [Call], budget: Int = 10_000) -> Linearizability.Verdict {
        Linearizability.check(calls, initial: 0, budget: budget) { step, state in
            switch step {
            case .write(let value): value
            case .read(let value): value == state ? state : nil
            }
        }
    }

    @Test("One call after the other is")
    func sequential() {
        #expect(
            check([Call(.write(1), invoked: 0, returned: 1), Call(.read(1), invoked: 2, returned: 3)]) == .linearizable)
    }

    @Test("A read of what was overwritten before it was made is not")
    func stale() {
        #expect(
            check([
                Call(.write(1), invoked: 0, returned: 1), Call(.write(2), invoked: 2, returned: 3),
                Call(.read(1), invoked: 4, returned: 5),
            ]) == .violated)
    }

    @Test("While a write goes on reads may see either, but not the old after the new")
    func concurrent() {
        let write = Call(.write(1), invoked: 0, returned: 100)
        #expect(
            check([write, Call(.read(0), invoked: 1, returned: 2), Call(.read(1), invoked: 3, returned: 4)])
                == .linearizable)
        #expect(
            check([write, Call(.read(1), invoked: 1, returned: 2), Call(.read(0), invoked: 3, returned: 4)])
                == .violated)
    }

    @Test("A write of unknown outcome may come late, or never, but not twice")
    func unknown() {
        let unknown = Call(.write(1), invoked: 0, returned: nil)
        let other = Call(.write(2), invoked: 1, returned: 2)
        #expect(check([unknown, other, Call(.read(2), invoked: 3, returned: 4)]) == .linearizable)
        #expect(
            check([unknown, other, Call(.read(2), invoked: 3, returned: 4), Call(.read(1), invoked: 5, returned: 6)])
                == .linearizable)
        #expect(
            check([
                unknown, Call(.read(1), invoked: 1, returned: 2), Call(.write(2), invoked: 3, returned: 4),
                Call(.read(1), invoked: 5, returned: 6),
            ]) == .violated)
    }

    @Test("Two reads that see two writes in different orders are not")
    func orders() {
        let writes = [Call(.write(1), invoked: 0, returned: 10), Call(.write(2), invoked: 0, returned: 10)]
        #expect(
            check(
                writes + [
                    Call(.read(1), invoked: 11, returned: 12), Call(.read(2), invoked: 13, returned: 14),
                ]) == .violated)
    }

    @Test("A search that is given up says so")
    func undecided() {
        let calls =
            (0..<40).map { Call(.write($0), invoked: 0, returned: 100) } + [
                Call(.read(99), invoked: 101, returned: 102)
            ]
        #expect(check(calls, budget: 100) == .undecided)
    }
}
