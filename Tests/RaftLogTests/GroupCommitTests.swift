import Foundation
import Raft
import RaftLog
import Synchronization
import Testing

@Suite("Group commit and failure")
struct GroupCommitTests {
    @Test("All that waits while a sync runs is made durable by the next one")
    func fewerSyncs() throws {
        let disk = GatedDisk()
        let directory = try TestDirectory()
        let bench = try TestLog(directory, segmentBytes: 1 << 20, calls: disk.calls)
        // Opening also prepares a segment in the background, which syncs too: let it pass first.
        bench.write([entry(1)])
        disk.hold()
        bench.begin([entry(2)])
        disk.waitForSync()
        let before = disk.syncCount
        for index in 3...500 { bench.begin([entry(index)]) }
        disk.release()
        bench.wait()
        #expect(disk.syncCount - before <= 4)
        #expect(bench.reports.durableTickets.count <= 4)
        #expect(bench.reports.durable == bench.ticket)
        let found = try TestLog(try directory.copy(), segmentBytes: 1 << 20).entries()
        #expect(found == entries(1...500))
    }

    @Test("Tickets become durable in order, also those that ask for nothing")
    func order() throws {
        let bench = try TestLog(try TestDirectory())
        for index in 1...200 {
            bench.begin([entry(index)])
            bench.begin()
        }
        bench.wait()
        let tickets = bench.reports.durableTickets
        #expect(zip(tickets, tickets.dropFirst()).allSatisfy { $0 < $1 })
        #expect(tickets.last == PersistTicket(400))
    }

    @Test("An entry replaced while its group is being synced is neither evicted nor read from the old record")
    func replacedInFlight() throws {
        let disk = GatedDisk()
        let directory = try TestDirectory()
        let bench = try TestLog(directory, segmentBytes: 1 << 20, cacheBytes: 0, calls: disk.calls)
        bench.write(entries(1...2))
        disk.hold()
        bench.begin(entries(3...6))
        disk.waitForSync()
        bench.begin(entries(4...5, term: 2))
        bench.begin(entries(5...7, term: 3))
        let expected = entries(1...3) + [entry(4, term: 2)] + entries(5...7, term: 3)
        let before = try bench.entries()
        #expect(before == expected)
        disk.release()
        bench.wait()
        let after = try bench.entries()
        #expect(after == expected)
        bench.log.close()
        let again = try TestLog(directory, segmentBytes: 1 << 20).entries()
        #expect(again == expected)
    }

    @Test("A write or a sync that fails is reported once and is final", arguments: [true, false])
    func failure(isFull: Bool) throws {
        let disk = FailingDisk()
        let directory = try TestDirectory()
        let bench = try TestLog(directory, calls: disk.calls)
        bench.write(entries(1...3), hardState: HardState(term: Term(1)))
        disk.begin(isFull ? .full : .brokenSync)
        bench.begin([entry(4)])
        bench.reports.waitForFailure()
        // The disk is well again, but the log must not believe it.
        disk.begin(.none)
        bench.begin([entry(5)])
        bench.log.close()
        #expect(bench.reports.durable == PersistTicket(1))
        #expect(bench.reports.failures.count == 1)
        guard case .system(let call, directory.file(1), _) = bench.reports.failures.first else {
            Issue.record("not the system's error: \(bench.reports.failures)")
            return
        }
        #expect(call == (isFull ? "write" : "fdatasync"))
        let again = try TestLog(directory)
        #expect(again.recovered.lastIndex.rawValue == (isFull ? 3 : 4))
        #expect(again.recovered.hardState == HardState(term: Term(1)))
    }

    @Test("A sync that failed is not tried again: the kernel may have dropped what it could not write")
    func notTriedAgain() throws {
        let answers = Mutex<[Int32]>([])
        var calls = DiskCalls.system
        calls.sync = { descriptor in
            guard let answer = answers.withLock({ $0.popLast() }) else { return DiskCalls.system.sync(descriptor) }
            errno = EIO
            return answer
        }
        let bench = try TestLog(try TestDirectory(), calls: calls)
        bench.write([entry(1)])
        answers.withLock { $0 = [0, -1] }
        bench.write([entry(2)])
        #expect(bench.reports.durable == PersistTicket(1))
        #expect(bench.reports.failures.count == 1)
        #expect(answers.withLock { $0 } == [0])
        bench.log.close()
    }

    @Test("What a failed sync has left in memory is written again before it is believed")
    func writtenAgain() throws {
        let failing = FailingDisk()
        let directory = try TestDirectory()
        let bench = try TestLog(directory, calls: failing.calls)
        bench.write([entry(1)])
        failing.begin(.brokenSync)
        bench.begin([entry(2)])
        bench.reports.waitForFailure()
        bench.log.close()
        let writes = Mutex<[Range<Int>]>([])
        var calls = DiskCalls.system
        calls.write = { descriptor, bytes, offset in
            writes.withLock { $0.append(offset..<offset + bytes.count) }
            return DiskCalls.system.write(descriptor, bytes, offset)
        }
        let again = try TestLog(directory, calls: calls)
        #expect(again.recovered.lastIndex == LogIndex(2))
        let record = firstRecordOffset + span(16)..<firstRecordOffset + 2 * span(16)
        #expect(writes.withLock { $0.contains(record) })
    }

    @Test("A disk that fails on opening fails the opening")
    func failedOpening() throws {
        let disk = FailingDisk()
        let directory = try TestDirectory()
        disk.begin(.brokenSync)
        #expect(throws: RaftLogError.self) { try TestLog(directory, calls: disk.calls) }
        disk.begin(.none)
        try TestLog(directory, calls: disk.calls).log.close()
    }
}
