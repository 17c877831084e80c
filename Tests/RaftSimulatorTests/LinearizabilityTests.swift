import RaftSimulator
import Testing

@Suite("The checker of histories")
struct LinearizabilityTests {
    private func put(
        _ value: UInt64, _ invoked: Int, _ returned: Int?, client: UInt32 = 1, key: UInt8 = 0
    ) -> HistoryEntry {
        HistoryEntry(
            client: client, key: key, operation: .put(value), invoked: invoked, returned: returned,
            outcome: returned == nil ? nil : .written)
    }

    private func read(_ value: UInt64, _ invoked: Int, _ returned: Int, key: UInt8 = 0) -> HistoryEntry {
        HistoryEntry(
            client: 2, key: key, operation: .read, invoked: invoked, returned: returned, outcome: .value(value))
    }

    private func swap(
        _ expected: UInt64, _ new: UInt64, _ isDone: Bool?, _ invoked: Int, _ returned: Int?
    ) -> HistoryEntry {
        HistoryEntry(
            client: 3, key: 0, operation: .compareAndSet(expected: expected, new: new), invoked: invoked,
            returned: returned, outcome: isDone.map { .swapped($0) })
    }

    private func isGood(_ history: [HistoryEntry]) -> Bool { Linearizability.check(history) == .linearizable }

    @Test("accepts what one register could have answered")
    func acceptsGoodHistories() {
        #expect(isGood([]))
        #expect(isGood([put(1, 0, 10), read(1, 20, 30)]))
        // Side by side, either order will do.
        #expect(isGood([put(1, 0, 100), read(0, 10, 20), read(1, 30, 40)]))
        #expect(isGood([put(1, 0, 100), put(2, 0, 100), read(1, 110, 120)]))
        #expect(isGood([put(1, 0, 100), put(2, 0, 100), read(2, 110, 120)]))
        #expect(isGood([put(1, 0, 10), swap(1, 2, true, 20, 30), swap(1, 3, false, 40, 50), read(2, 60, 70)]))
        // Registers do not disturb each other.
        #expect(isGood([put(1, 0, 10), put(2, 20, 30, key: 1), read(1, 40, 50), read(2, 40, 50, key: 1)]))
    }

    @Test("takes a call that never returned for done late, or never")
    func acceptsUnknownOutcomes() {
        #expect(isGood([put(1, 0, nil), read(0, 10, 20), read(1, 500, 510)]))
        #expect(isGood([put(1, 0, nil), read(0, 10, 20), read(0, 500, 510)]))
        #expect(isGood([put(1, 0, 10), swap(1, 2, nil, 20, nil), read(1, 30, 40), read(2, 50, 60)]))
        #expect(isGood([put(1, 0, 10), swap(7, 2, nil, 20, nil), read(1, 30, 40)]))
        // Only a call of unknown outcome can have made this one fail.
        #expect(isGood([put(1, 0, 10), put(2, 20, nil), swap(1, 3, false, 30, 40)]))
    }

    @Test("refuses a stale read")
    func refusesStaleRead() {
        #expect(!isGood([put(1, 0, 10), read(0, 20, 30)]))
        #expect(!isGood([put(1, 0, 10), put(2, 20, 30), read(1, 40, 50)]))
    }

    @Test("refuses a read that goes back to an older value")
    func refusesReadsGoingBack() {
        #expect(!isGood([put(1, 0, 10), put(2, 20, 100), read(2, 30, 40), read(1, 50, 60)]))
        #expect(!isGood([put(1, 0, 10), put(2, 20, nil), read(2, 30, 40), read(1, 50, 60)]))
    }

    @Test("refuses a value that nobody wrote")
    func refusesPhantom() { #expect(!isGood([put(1, 0, 10), read(9, 20, 30)])) }

    @Test("refuses a lost write")
    func refusesLostWrite() {
        #expect(!isGood([put(1, 0, 10), swap(1, 2, true, 20, 30), read(1, 40, 50)]))
    }

    @Test("refuses a write that has effect twice")
    func refusesDoubleEffect() {
        // The retry of the first write hides the second one again.
        #expect(!isGood([put(1, 0, 10), put(2, 20, 30), read(2, 32, 34), read(1, 40, 50)]))
    }

    @Test("refuses two compare-and-sets that both won from the same value")
    func refusesTwoWinners() {
        #expect(!isGood([put(1, 0, 10), swap(1, 2, true, 20, 50), swap(1, 3, true, 20, 50)]))
        #expect(isGood([put(1, 0, 10), swap(1, 2, true, 20, 50), swap(2, 3, true, 20, 50)]))
    }

    @Test("refuses a compare-and-set that failed for no reason")
    func refusesFalseFailure() {
        #expect(!isGood([put(1, 0, 10), swap(1, 2, false, 20, 30)]))
    }

    @Test("names the register and its calls")
    func namesTheRegister() {
        let bad = [put(1, 0, 10, key: 3), read(0, 20, 30, key: 3)]
        #expect(Linearizability.check(bad + [put(5, 0, 10)]) == .violated(key: 3, calls: bad))
    }

    @Test("gives up when it has looked at more than it may")
    func givesUp() {
        var history: [HistoryEntry] = []
        for value in UInt64(1)...12 { history.append(put(value, 0, 1_000, client: UInt32(value))) }
        for value in UInt64(1)...12 { history.append(read(value, 2_000 + Int(value), 3_000)) }
        #expect(Linearizability.check(history, budget: 1_000) == .undecided(key: 0))
    }

    @Test("agrees with a search of all orders on small histories")
    func agreesWithExhaustiveSearch() {
        var random = SimulatedRandom(seed: 7)
        var verdicts = [0, 0]
        for _ in 0..<3_000 {
            let history = (0..<5).map { place -> HistoryEntry in
                let invoked = random.below(20)
                let returned = random.chance(percent: 15) ? nil : invoked + 1 + random.below(10)
                switch random.below(3) {
                case 0: return put(UInt64(place + 1), invoked, returned)
                case 1:
                    return swap(
                        UInt64(random.below(4)), UInt64(place + 1), returned == nil ? nil : random.chance(percent: 60),
                        invoked, returned)
                default: return read(UInt64(random.below(5)), invoked, returned ?? invoked + 3)
                }
            }
            let expected = Exhaustive.isLinearizable(history)
            verdicts[expected ? 1 : 0] += 1
            #expect(isGood(history) == expected, "\(history)")
        }
        #expect(verdicts[0] > 200 && verdicts[1] > 200, "both verdicts occur: \(verdicts)")
    }
}

/// Tries every order of every choice of the calls that may not have happened.
private enum Exhaustive {
    static func isLinearizable(_ history: [HistoryEntry]) -> Bool { search(history, value: 0) }

    private static func search(_ left: [HistoryEntry], value: UInt64) -> Bool {
        if left.allSatisfy({ $0.returned == nil }) { return true }
        let earliestReturn = left.compactMap(\.returned).min() ?? .max
        for (place, call) in left.enumerated() where call.invoked <= earliestReturn {
            var rest = left
            rest.remove(at: place)
            if let after = apply(call, to: value), search(rest, value: after) { return true }
            if call.returned == nil, search(rest, value: value) { return true }
        }
        return false
    }

    private static func apply(_ call: HistoryEntry, to value: UInt64) -> UInt64? {
        switch (call.operation, call.outcome) {
        case (.put(let new), _): new
        case (.compareAndSet(let expected, let new), .swapped(true)): value == expected ? new : nil
        case (.compareAndSet(let expected, _), .swapped(false)): value == expected ? nil : value
        case (.compareAndSet(let expected, let new), _): value == expected ? new : value
        case (.read, .value(let seen)): value == seen ? value : nil
        case (.read, _): value
        }
    }
}
