import Ledger
import Raft
import Testing

@Suite struct LedgerLookUpTests {
    let ledger = TestLedger()
    var state = LedgerState(configuration: LedgerConfiguration(transactionIDs: 4, idempotencyKeys: 2, users: 4))

    private mutating func commit(_ group: IntakeGroup, at index: UInt64) throws {
        #expect(try ledger.take([group], &state).command != nil)
        state.confirm(at: LogIndex(index))
    }

    @Test mutating func nothingIsLookedUpWhileNothingWasForgotten() throws {
        for id in 1...4 { try commit(ledger.group(ids: [id]), at: UInt64(id)) }
        #expect(state.evictedThrough == .zero)
        #expect(!state.needsLookUp(ledger.group(ids: [99], key: 5)))
        #expect(state.isCovered(by: .none))
    }

    @Test mutating func evictedThroughIsTheLastEntryOfTheForgottenGeneration() throws {
        for id in 1...6 { try commit(ledger.group(ids: [id]), at: UInt64(id)) }
        #expect(state.evictedThrough == LogIndex(2))
        #expect(state.needsLookUp(ledger.group(ids: [1])))
        #expect(!state.needsLookUp(ledger.group(ids: [3, 6])), "all still known")
        #expect(state.needsLookUp(ledger.group(ids: [3, 7])))
        var fresh = ledger.group(ids: [7])
        fresh.mayBeKnown = false
        #expect(!state.needsLookUp(fresh))
        #expect(!state.isCovered(by: KnownDuplicates(through: LogIndex(1))))
        #expect(state.isCovered(by: KnownDuplicates(through: LogIndex(2))))
    }

    @Test mutating func keysHaveAMemoryOfTheirOwn() throws {
        for id in 1...3 { try commit(ledger.group(ids: [id], key: UInt128(id)), at: UInt64(id)) }
        #expect(state.evictedThrough == LogIndex(1))
        var group = ledger.group(ids: [8], key: 1)
        group.mayBeKnown = false
        #expect(state.needsLookUp(group))
        group = ledger.group(ids: [8], key: 3)
        group.mayBeKnown = false
        #expect(!state.needsLookUp(group))
    }

    @Test mutating func aForgottenProposalIsCoveredByNoDatabaseUntilItIsCommitted() throws {
        let first = try ledger.take([ledger.group(ids: [1, 2])], &state)
        let second = try ledger.take([ledger.group(ids: [3, 4, 5])], &state)
        #expect(state.evictedThrough == LogIndex(.max))
        #expect(!state.isCovered(by: KnownDuplicates(through: LogIndex(1_000_000))))
        state.confirm(at: LogIndex(1))
        #expect(state.evictedThrough == LogIndex(1))
        state.undo(second.undo!)
        #expect(state.evictedThrough == .zero)
        #expect(first.command != nil)
    }
}
