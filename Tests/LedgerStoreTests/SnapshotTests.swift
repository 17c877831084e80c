import Foundation
import Ledger
import Postgres
import PostgresFixture
import Raft
import Testing

@Suite struct `A snapshot` {
    let directory: SnapshotDirectory

    init() throws { directory = try SnapshotDirectory() }

    @Test(arguments: [0, 300]) func `makes another node's database equal, whatever that held before`(
        strangers: Int
    ) async throws {
        let log = TestLog()
        TestSnapshots.fill(log)
        let giver = try openStore(try SharedPostgres.get().makeDatabase(), log)
        defer { giver.close() }
        try await giver.applyAll(log)
        let checkpoint = TestSnapshots.checkpoint(at: LogIndex(30))
        let receipt = try await giver.exportSnapshot(to: directory.file(), checkpoint: checkpoint, id: 7)
        #expect(receipt.appliedIndex == log.last)
        #expect(receipt.transactions == 200 && receipt.idempotencyKeys == 10)
        #expect(directory.names == ["a.snapshot"])

        let database = try SharedPostgres.get().makeDatabase()
        let other = TestLog()
        if strangers > 0 { other.append(TestCommands.command(100_000..<100_000 + strangers, key: 9_999)) }
        let before = try openStore(database, other, nodeID: 2)
        try await before.applyAll(other)
        before.close()

        let watched = WatchedSource(log)
        let reports = Reports()
        let taker = try openStore(database, log, nodeID: 2, events: reports.events, watched: watched)
        defer { taker.close() }
        let installed = try await taker.installSnapshot(path: directory.file())
        #expect(installed.header == receipt.header && installed.checkpoint == checkpoint)
        #expect(installed.byteCount == receipt.byteCount)
        #expect(try TestSnapshots.bytes(of: directory.file()).count == receipt.byteCount)
        #expect(taker.appliedIndex == receipt.appliedIndex && taker.flushedIndex == receipt.appliedIndex)
        #expect(taker.state == .ready && taker.progress.transactions == 200)

        // Entries through the applied index are skipped, those after it applied.
        log.append(TestCommands.command(500..<510, key: 4, afterSeconds: 100))
        try await taker.waitUntilApplied(receipt.appliedIndex, deadline: soon)
        taker.commitAdvanced(to: LogIndex(20))
        let (own, theirs) = (try await giver.digestNow(log), try await taker.digestNow(log))
        #expect(own.transactions == 210)
        giver.commitAdvanced(to: theirs.index)
        #expect(theirs == (try await giver.digest(at: theirs.index, deadline: soon)))
        #expect(own.sha256 == theirs.sha256)
        #expect(watched.lowest == receipt.appliedIndex.next)
        #expect(reports.fatal == nil)
        let row = try connect(database).query("SELECT node_id, cluster_id FROM ledger")
        #expect(try row.int8(0, 0) == 2)
    }

    @Test func `that is made while entries are applied is of one index`() async throws {
        let log = TestLog(stride: 2)
        TestSnapshots.fill(log, entries: 2_000)
        let giver = try openStore(try SharedPostgres.get().makeDatabase(), log) { $0.transactionRowLimit = 10 }
        defer { giver.close() }
        try await giver.applyAll(log)
        let before = log.last
        let feeder = Task {
            var entries = 2_000
            while !Task.isCancelled {
                log.append(TestCommands.command(entries * 5..<entries * 5 + 5, key: entries, afterSeconds: 2_000))
                entries += 1
                try await giver.applyAll(log)
            }
        }
        try await giver.waitUntilApplied(before.advanced(by: 5), deadline: soon)
        let receipt = try await giver.exportSnapshot(
            to: directory.file(), checkpoint: TestSnapshots.checkpoint(at: LogIndex(40)), id: 1)
        // It goes on, as ever.
        try await giver.waitUntilApplied(receipt.appliedIndex.advanced(by: 5), deadline: soon)
        feeder.cancel()
        _ = await feeder.result
        #expect(receipt.appliedIndex > before && receipt.appliedIndex < log.last)
        try await giver.applyAll(log)

        let taker = try openStore(try SharedPostgres.get().makeDatabase(), log)
        defer { taker.close() }
        try await taker.installSnapshot(path: directory.file())
        #expect(taker.appliedIndex == receipt.appliedIndex)
        #expect(taker.progress.transactions == receipt.transactions)
        try await taker.applyAll(log)
        let digest = try await giver.digestNow(log)
        taker.commitAdvanced(to: digest.index)
        #expect(try await taker.digest(at: digest.index, deadline: soon) == digest)
        #expect(taker.progress.statistics.conflicts == 0)
    }

    @Test func `is found damaged whichever byte is changed and wherever it is cut`() async throws {
        let log = TestLog()
        log.append(TestCommands.command(0..<3, key: 1))
        let store = try openStore(try SharedPostgres.get().makeDatabase(), log)
        defer { store.close() }
        try await store.applyAll(log)
        let path = directory.file()
        _ = try await store.exportSnapshot(
            to: path, checkpoint: TestSnapshots.checkpoint(at: LogIndex(1), stateBytes: 40), id: 1)
        let whole = try TestSnapshots.bytes(of: path)
        func expectDamage(_ bytes: [UInt8], _ what: String, version: Bool = false) throws {
            try TestSnapshots.write(bytes, to: path)
            let error = #expect(throws: LedgerSnapshotError.self, "\(what)") {
                try LedgerSnapshot.load(path: path, clusterID: "test")
            }
            switch error {
            case .damaged: #expect(!version, "\(what)")
            case .unknownVersion: #expect(version, "\(what)")
            default: Issue.record("\(what): \(error as Any)")
            }
        }
        for position in whole.indices {
            var changed = whole
            changed[position] ^= 0x10
            try expectDamage(changed, "byte \(position)", version: 8..<12 ~= position)
        }
        for count in 0..<whole.count { try expectDamage(Array(whole.prefix(count)), "cut to \(count)") }
        try expectDamage(whole + [0], "a byte too many")
        try TestSnapshots.write(whole, to: path)
        #expect(try LedgerSnapshot.load(path: path, clusterID: "test").transactions == 3)
    }

    @Test func `that is damaged in any block, or is another cluster's, leaves the database as it was`() async throws {
        let log = TestLog()
        TestSnapshots.fill(log, entries: 2_000)
        let database = try SharedPostgres.get().makeDatabase()
        let store = try openStore(database, log)
        defer { store.close() }
        try await store.applyAll(log)
        let path = directory.file()
        _ = try await store.exportSnapshot(
            to: path, checkpoint: TestSnapshots.checkpoint(at: LogIndex(5), stateBytes: 600_000), id: 1)
        let before = try await store.digestNow(log)
        let whole = try TestSnapshots.bytes(of: path)
        let blocks = Self.blocks(of: whole)
        #expect(blocks.count > 10)
        for block in blocks {
            var changed = whole
            changed[block.randomElement()!] ^= UInt8(1) << UInt8.random(in: 0..<8)
            try TestSnapshots.write(changed, to: path)
            let error = await #expect(throws: LedgerSnapshotError.self) {
                try await store.installSnapshot(path: path)
            }
            guard case .damaged = error else { Issue.record("\(error as Any)"); return }
            #expect(store.state == .ready)
        }
        // Whole, but the blocks are not where they were.
        let (first, second) = (blocks[6], blocks[7])
        try TestSnapshots.write(
            Array(whole[..<first.lowerBound] + whole[second] + whole[first] + whole[second.upperBound...]), to: path)
        await #expect(throws: LedgerSnapshotError.self) { try await store.installSnapshot(path: path) }
        try FileManager.default.removeItem(atPath: path)
        await #expect(throws: LedgerSnapshotError.self) { try await store.installSnapshot(path: path) }

        let stranger = try openStore(try SharedPostgres.get().makeDatabase(), log, clusterID: "other")
        defer { stranger.close() }
        try await stranger.applyAll(log)
        _ = try await stranger.exportSnapshot(
            to: path, checkpoint: TestSnapshots.checkpoint(at: LogIndex(5), clusterID: "other"), id: 1)
        await #expect(throws: LedgerSnapshotError.otherCluster(path: path, found: "other", expected: "test")) {
            try await store.installSnapshot(path: path)
        }
        await #expect(throws: LedgerSnapshotError.self) {
            try await store.exportSnapshot(
                to: path, checkpoint: TestSnapshots.checkpoint(at: LogIndex(5), clusterID: "other"), id: 1)
        }
        #expect(try await store.digestNow(log).sha256 == before.sha256)
    }

    @Test func `is refused by the caller before the database is touched`() async throws {
        struct Refusal: Error {}
        let log = TestLog()
        TestSnapshots.fill(log)
        let store = try openStore(try SharedPostgres.get().makeDatabase(), log)
        defer { store.close() }
        try await store.applyAll(log)
        let path = directory.file()
        _ = try await store.exportSnapshot(to: path, checkpoint: TestSnapshots.checkpoint(at: log.last), id: 1)
        TestSnapshots.fill(log, from: 40)
        try await store.applyAll(log)
        await #expect(throws: Refusal.self) { try await store.installSnapshot(path: path) { _ in throw Refusal() } }
        #expect(store.appliedIndex == log.last)
        #expect(try await store.digestNow(log).transactions == 400)
    }

    /// Where each block is.
    private static func blocks(of file: [UInt8]) -> [Range<Int>] {
        var blocks: [Range<Int>] = []
        var offset = 12
        while offset < file.count {
            let length = file[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
            blocks.append(offset..<offset + 12 + length)
            offset += 12 + length
        }
        return blocks
    }
}
