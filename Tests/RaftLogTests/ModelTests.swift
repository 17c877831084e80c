import Foundation
import Raft
import RaftLog
import Synchronization
import Testing

/// What the log should hold: every record ever asked for, in order.
private struct Model {
    enum Step {
        case hardState(HardState)
        case entry(LogEntry)
        case reset(index: Int, term: Term)
    }

    struct Content {
        var hardState = HardState()
        /// Where a reset has begun the log anew.
        var base = 0
        var baseTerm = Term.zero
        /// From `base + 1`; compaction is not the model's business.
        var entries: [LogEntry] = []

        var last: Int { base + entries.count }
        func term(at index: Int) -> Term { index == base ? baseTerm : entries[index - base - 1].term }
        func entries(after index: Int) -> [LogEntry] { Array(entries[(index - base)...]) }

        mutating func apply(_ step: Step) {
            switch step {
            case .hardState(let state): hardState = state
            case .entry(let entry):
                entries.removeSubrange((Int(entry.index.rawValue) - base - 1)...)
                entries.append(entry)
            case .reset(let index, let term):
                base = index
                baseTerm = term
                entries = []
            }
        }

        func holds(_ recovered: RecoveredLog, _ kept: [LogEntry]) -> Bool {
            let base = Int(recovered.baseIndex.rawValue)
            return recovered.hardState == hardState && (self.base...last).contains(base)
                && recovered.baseTerm == term(at: base)
                && entries(after: base) == kept && recovered.outlines == kept.map(\.outline)
        }
    }

    /// The content as far as it was acknowledged, and the steps since.
    var acknowledged = Content()
    var pending: [(ticket: PersistTicket, steps: [Step])] = []

    /// With all that was asked for.
    var latest: Content {
        var content = acknowledged
        for step in pending.flatMap(\.steps) { content.apply(step) }
        return content
    }

    mutating func acknowledge(through ticket: PersistTicket) {
        while let first = pending.first, !(ticket < first.ticket) {
            for step in first.steps { acknowledged.apply(step) }
            pending.removeFirst()
        }
    }

    /// Takes over what a crash has left: all that was acknowledged, and any number of the steps since, in order.
    mutating func survive(_ recovered: RecoveredLog, _ kept: [LogEntry]) -> Bool {
        var content = acknowledged
        var steps = pending.flatMap(\.steps)[...]
        while !content.holds(recovered, kept) {
            guard let step = steps.popFirst() else { return false }
            content.apply(step)
        }
        self = Model(acknowledged: content)
        return true
    }
}

@Suite("Against a model, with power failures")
struct ModelTests {
    @Test("Any course of writes, replacements, compactions, reads and crashes keeps all that was acknowledged")
    func randomCourses() throws {
        var lostSectors = 0
        var trims = 0
        var crashes = 0
        var replaced = 0
        var resets = 0
        for seed in UInt64(1)...60 {
            var random = SeededRandom(seed: seed)
            var disk = ForgetfulDisk()
            var directory = try TestDirectory()
            let cacheBytes = [0, 2000, 1 << 20][Int.random(in: 0...2, using: &random)]
            func reopen() throws -> TestLog {
                try TestLog(directory, cacheBytes: cacheBytes, calls: disk.calls)
            }
            var bench = try reopen()
            var model = Model()
            var term = 1
            var compacted = 0
            func begin() {
                var steps: [Model.Step] = []
                var hardState: HardState?
                if Int.random(in: 0..<4, using: &random) == 0 {
                    term += 1
                    hardState = HardState(
                        term: Term(UInt64(term)), vote: NodeID(UInt64.random(in: 1...3, using: &random)))
                    steps.append(.hardState(hardState!))
                }
                let last = model.latest.last
                if Int.random(in: 0..<12, using: &random) == 0 {
                    // Behind the log's end or inside it, as a snapshot is.
                    let index = max(1, Int.random(in: compacted...last + 5, using: &random))
                    steps.append(.reset(index: index, term: Term(UInt64(term))))
                    bench.beginReset(to: index, term: term, hardState: hardState)
                    model.pending.append((bench.ticket, steps))
                    compacted = index
                    resets += 1
                    return
                }
                var first = last + 1
                if Int.random(in: 0..<5, using: &random) == 0, last > compacted {
                    first = Int.random(in: compacted + 1...last, using: &random)
                    replaced += 1
                }
                let written = (0..<Int.random(in: 0...5, using: &random)).map { place in
                    entry(first + place, term: term, bytes: Int.random(in: 0...900, using: &random))
                }
                steps += written.map { .entry($0) }
                bench.begin(written, hardState: hardState)
                model.pending.append((bench.ticket, steps))
            }
            for _ in 0..<60 {
                switch Int.random(in: 0..<100, using: &random) {
                case 0..<60: begin()
                case 60..<72:
                    bench.wait()
                    model.acknowledge(through: bench.ticket)
                case 72..<80:
                    model.acknowledge(through: bench.reports.durable)
                    // As consensus does: only what is committed is compacted, and it is never replaced after.
                    let bound = min(model.acknowledged.last, model.latest.last, firstPending(model) - 1)
                    guard bound > compacted else { continue }
                    compacted = Int.random(in: compacted + 1...bound, using: &random)
                    bench.log.compact(through: LogIndex(UInt64(compacted)))
                    #expect(bench.log.firstIndex.rawValue <= UInt64(compacted + 1), "seed \(seed)")
                case 80..<90:
                    let base = Int(bench.log.firstIndex.rawValue) - 1
                    let found = try bench.entries()
                    #expect(found == model.latest.entries(after: base), "seed \(seed)")
                case 90..<97:
                    crashes += 1
                    if Bool.random(using: &random) {
                        disk.hold()
                        for _ in 0..<4 { begin() }
                        if bench.ticket > bench.reports.durable { disk.waitForUnsynced() }
                    }
                    // Between the two moments more may become durable, but nothing less.
                    model.acknowledge(through: bench.reports.durable)
                    let left = try disk.crash(directory, using: &random)
                    lostSectors += left.lostSectors
                    disk.release()
                    bench.log.close()
                    directory = left.directory
                    disk = ForgetfulDisk()
                    bench = try reopen()
                    if bench.recovered.trimmedTail != nil { trims += 1 }
                    let kept = try bench.entries()
                    let isKept = model.survive(bench.recovered, kept)
                    try #require(isKept, "seed \(seed)")
                    compacted = max(Int(bench.recovered.baseIndex.rawValue), min(compacted, model.acknowledged.last))
                default:
                    bench.log.close()
                    model.acknowledge(through: bench.ticket)
                    bench = try reopen()
                    let kept = try bench.entries()
                    let isKept = model.acknowledged.holds(bench.recovered, kept)
                    try #require(isKept && model.pending.isEmpty, "seed \(seed)")
                }
            }
            bench.log.close()
        }
        // A run that meets no trouble proves nothing.
        #expect(crashes > 100)
        #expect(lostSectors > 50)
        #expect(trims > 5)
        #expect(replaced > 100)
        #expect(resets > 100)
    }

    /// The lowest index that a request still under way writes.
    private func firstPending(_ model: Model) -> Int {
        model.pending.flatMap(\.steps).reduce(Int.max) { lowest, step in
            switch step {
            case .entry(let entry): min(lowest, Int(entry.index.rawValue))
            // What a reset drops comes back with a crash before it is durable.
            case .reset: 0
            case .hardState: lowest
            }
        }
    }

    @Test("Reads beside writes see whole entries of one moment")
    func readsBesideWrites() throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory, cacheBytes: 3000)
        let log = bench.log
        let isDone = Atomic(false)
        let reads = Atomic(0)
        let torn = Atomic(0)
        let group = DispatchGroup()
        for reader in 0..<3 {
            let thread = Thread {
                var random = SeededRandom(seed: UInt64(reader))
                while !isDone.load(ordering: .acquiring) {
                    let first = log.firstIndex
                    let last = log.lastIndex
                    guard !(last < first) else { continue }
                    let from = LogIndex(UInt64.random(in: first.rawValue...last.rawValue, using: &random))
                    do throws(RaftLogError) {
                        let found = try log.entries(from: from, through: from.advanced(by: 20), maxBytes: 5000)
                        var previous = Term.zero
                        for (place, one) in found.enumerated() {
                            let expected = entry(
                                Int(one.index.rawValue), term: Int(one.term.rawValue), bytes: one.payload.count)
                            // A whole entry, at its place, and terms that never fall: one moment's log.
                            if one != expected || one.index != from.advanced(by: place) || one.term < previous {
                                torn.add(1, ordering: .relaxed)
                            }
                            previous = one.term
                        }
                        reads.add(1, ordering: .relaxed)
                    } catch .compacted {
                        continue
                    } catch {
                        Issue.record("\(error)")
                        break
                    }
                }
                group.leave()
            }
            group.enter()
            thread.start()
        }
        var random = SeededRandom(seed: 99)
        var next = 1
        for term in 1...400 {
            let first = max(1, next - Int.random(in: 0...4, using: &random))
            next = first + Int.random(in: 1...6, using: &random)
            bench.begin(entries(first...next - 1, term: term, bytes: Int.random(in: 0...600, using: &random)))
            if term.isMultiple(of: 10) {
                bench.wait()
                // At most five behind: no later round replaces what is compacted.
                log.compact(through: LogIndex(UInt64(max(0, next - 200))))
            }
        }
        bench.wait()
        isDone.store(true, ordering: .releasing)
        #expect(group.wait(timeout: .now() + 20) == .success)
        #expect(torn.load(ordering: .relaxed) == 0)
        #expect(reads.load(ordering: .relaxed) > 0)
        #expect(log.firstIndex > LogIndex(1))
    }
}
