import Raft
import RaftLog
import Testing

@Suite("The log tells how its disk does")
struct DiskHealthTests {
    @Test("A write that waits is told with its age, until it is durable")
    func stalled() throws {
        let disk = GatedDisk()
        let bench = try TestLog(try TestDirectory(), calls: disk.calls)
        bench.write([entry(1)])
        #expect(bench.log.oldestPendingMilliseconds == nil)
        #expect(bench.log.health(stallMilliseconds: 0) == .healthy)
        disk.hold()
        bench.begin([entry(2)])
        #expect(eventually { (bench.log.oldestPendingMilliseconds ?? 0) >= 40 })
        #expect(bench.log.health(stallMilliseconds: 30) == .stalled)
        #expect(bench.log.health(stallMilliseconds: 60_000) == .healthy)
        disk.waitForSync()
        bench.beginReset(to: 9, term: 1)
        // The older one counts.
        #expect((bench.log.oldestPendingMilliseconds ?? 0) >= 40)
        disk.release()
        bench.wait()
        #expect(bench.log.oldestPendingMilliseconds == nil)
        #expect(bench.log.health(stallMilliseconds: 0) == .healthy)
    }

    @Test("A disk without space for another segment is told ahead; writes wait and lose nothing")
    func full() throws {
        let disk = FailingDisk()
        let directory = try TestDirectory()
        let bench = try TestLog(directory, segmentRetryMilliseconds: 5, calls: disk.calls)
        bench.write([entry(1, bytes: 2000)])
        #expect(eventually { bench.log.diskBytes == 2 * 8192 })
        disk.begin(.noSpace)
        #expect(bench.log.health(stallMilliseconds: 60_000) == .healthy)
        // The prepared segment is taken; the one after it can't be made.
        bench.write([entry(2, bytes: 3000)])
        #expect(eventually { bench.log.health(stallMilliseconds: 60_000) == .full })
        // What fits is still written.
        bench.write(hardState: HardState(term: Term(5)))
        bench.begin([entry(3, bytes: 3000)])
        #expect(eventually { (bench.log.oldestPendingMilliseconds ?? 0) > 30 })
        #expect(bench.reports.durable == PersistTicket(3))
        #expect(bench.reports.failures.isEmpty)
        // What a vain attempt leaves is removed; the next one may be under way.
        #expect(try eventually { try directory.names().allSatisfy { !$0.hasSuffix(".new") } })
        disk.begin(.none)
        bench.wait()
        #expect(bench.reports.durable == PersistTicket(4))
        #expect(eventually { bench.log.health(stallMilliseconds: 60_000) == .healthy })
        bench.log.close()
        let found = try TestLog(directory).entries()
        #expect(found == [entry(1, bytes: 2000), entry(2, bytes: 3000), entry(3, bytes: 3000)])
    }

    @Test("Space that a compaction gives back is used at once")
    func spaceGivenBack() throws {
        let disk = FailingDisk()
        let bench = try TestLog(try TestDirectory(), segmentRetryMilliseconds: 600_000, calls: disk.calls)
        bench.write([entry(1, bytes: 3000)])
        #expect(eventually { bench.log.diskBytes == 2 * 8192 })
        disk.begin(.noSpace)
        bench.write([entry(2, bytes: 3000)])
        #expect(eventually { bench.log.health(stallMilliseconds: 60_000) == .full })
        disk.begin(.none)
        bench.log.compact(through: LogIndex(1))
        #expect(eventually { bench.log.health(stallMilliseconds: 60_000) == .healthy })
    }

    @Test("A record longer than a segment waits for its space too")
    func longRecord() throws {
        let disk = FailingDisk()
        let directory = try TestDirectory()
        let bench = try TestLog(directory, segmentRetryMilliseconds: 5, calls: disk.calls)
        bench.write([entry(1)])
        #expect(eventually { bench.log.diskBytes == 2 * 8192 })
        disk.begin(.noSpace)
        bench.begin([entry(2, bytes: 100_000)])
        #expect(eventually { bench.log.health(stallMilliseconds: 60_000) == .full })
        disk.begin(.none)
        bench.wait()
        #expect(eventually { bench.log.health(stallMilliseconds: 60_000) == .healthy })
        bench.log.close()
        let found = try TestLog(directory).entries()
        #expect(found == [entry(1), entry(2, bytes: 100_000)])
    }

    @Test("A log that is closed while it waits for space says that it has failed")
    func closedWhileFull() throws {
        let disk = FailingDisk()
        let directory = try TestDirectory()
        let bench = try TestLog(directory, segmentRetryMilliseconds: 5, calls: disk.calls)
        bench.write([entry(1, bytes: 3000)])
        #expect(eventually { bench.log.diskBytes == 2 * 8192 })
        disk.begin(.noSpace)
        bench.write([entry(2, bytes: 3000)])
        bench.begin([entry(3, bytes: 3000)])
        #expect(eventually { bench.log.health(stallMilliseconds: 60_000) == .full })
        bench.log.close()
        #expect(bench.reports.durable == PersistTicket(2))
        guard case .system("fallocate", _, _) = bench.reports.failures.first else {
            Issue.record("not told: \(bench.reports.failures)")
            return
        }
        disk.begin(.none)
        let found = try TestLog(directory).entries()
        #expect(found == [entry(1, bytes: 3000), entry(2, bytes: 3000)])
    }
}
