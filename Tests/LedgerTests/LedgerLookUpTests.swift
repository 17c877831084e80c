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

    @Test mutating func whatAStreamBringsIsLookedUpIfItMayBeAmongWhatIsForgotten() throws {
        func stretch(madeAt milliseconds: Int64, offset: Int64) -> IntakeGroup {
            let id = TransactionID(rawValue: UInt128(milliseconds) << 80 | UInt128(offset))
            let record = IntakeRecord(
                sealing: ledger.transaction(), id: id, isOccurrenceGiven: true, ledger.sealer, ledger.blindIndex)
            return IntakeGroup(
                stream: IntakeStream(range: ledger.range(at: offset...offset), offsets: [offset], deadLetters: []),
                records: [record], mayBeKnown: false)
        }
        let start = newYear / 1_000
        for number in 0..<Int64(7) {
            let time = start + 60_000 * number
            let taken = try state.take(
                [stretch(madeAt: time, offset: number)], nowMicroseconds: 1_000 * time, sealer: ledger.sealer,
                judge: ledger.judge)
            #expect(taken.command != nil)
            state.confirm(at: LogIndex(UInt64(number) + 1))
        }
        // Forgotten is what came before the third, at two minutes; clocks may differ by ten seconds.
        #expect(state.evictedThrough == LogIndex(4))
        #expect(state.needsLookUp(stretch(madeAt: start, offset: 7)))
        #expect(state.needsLookUp(stretch(madeAt: start + 180_000, offset: 7)))
        #expect(!state.needsLookUp(stretch(madeAt: start + 400_000, offset: 7)))
        let read = try LedgerState(decoding: state.encode(), configuration: state.configuration)
        #expect(read.needsLookUp(stretch(madeAt: start, offset: 7)))
        #expect(!read.needsLookUp(stretch(madeAt: start + 400_000, offset: 7)))
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
