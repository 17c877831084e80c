import Foundation
import Ledger
import Raft
import Security
import Testing

@Suite struct LedgerCheckpointTests {
    let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "redoubt-checkpoint-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    private func checkpoint(_ index: UInt64) -> LedgerCheckpoint {
        LedgerCheckpoint(
            clusterID: "test", index: LogIndex(index), term: Term(3),
            membership: Membership(
                voters: [NodeID(1), NodeID(2)], learners: [NodeID(3)],
                contacts: [NodeID(1): [], NodeID(2): [], NodeID(3): [1, 2]]),
            state: (0..<40).map { UInt8($0) + UInt8(index & 7) })
    }

    private func inDirectory(_ body: () throws -> Void) rethrows {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body()
    }

    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory).sorted() }

    @Test func theNewestIsRead() throws {
        try inDirectory {
            let nothing = try LedgerCheckpoint.newest(in: directory, clusterID: "test")
            #expect(nothing.checkpoint == nil)
            for index in [9, 100, 20] as [UInt64] { try checkpoint(index).write(in: directory) }
            let found = try LedgerCheckpoint.newest(in: directory, clusterID: "test")
            #expect(found.checkpoint == checkpoint(100))
            #expect(found.damaged.isEmpty)
            let mode = try FileManager.default.attributesOfItem(
                atPath: "\(directory)/\(LedgerCheckpoint.fileName(index: LogIndex(9)))")[.posixPermissions]
            #expect(mode as? Int == 0o600)
        }
    }

    @Test(arguments: [1 << 20, 3 << 20, (2 << 20) + 1]) func aLargeStateIsReadAsItWasWritten(byteCount: Int) throws {
        try inDirectory {
            let small = checkpoint(7)
            let large = LedgerCheckpoint(
                clusterID: small.clusterID, index: small.index, term: small.term, membership: small.membership,
                state: (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 12) })
            let path = try large.write(in: directory)
            #expect(try LedgerCheckpoint.load(path: path, clusterID: "test") == large)
        }
    }

    @Test func everyCutAndEveryChangedByteIsDamage() throws {
        try inDirectory {
            let path = try checkpoint(7).write(in: directory)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            func expectDamage(_ data: Data, _ what: String) throws {
                try data.write(to: URL(fileURLWithPath: path))
                let error = #expect(throws: CheckpointError.self, "\(what)") {
                    try LedgerCheckpoint.load(path: path, clusterID: "test")
                }
                guard case .damaged(path, _) = error else { Issue.record("\(what): \(error as Any)"); return }
            }
            for count in 0..<whole.count { try expectDamage(whole.prefix(count), "cut to \(count)") }
            for position in 0..<whole.count {
                var changed = whole
                changed[position] ^= 0x10
                try expectDamage(changed, "byte \(position)")
            }
            try expectDamage(whole + Data([0]), "a byte too many")
            try whole.write(to: URL(fileURLWithPath: path))
            let loaded = try LedgerCheckpoint.load(path: path, clusterID: "test")
            #expect(loaded == checkpoint(7))
        }
    }

    @Test func aVersionThatIsNotKnownIsSaidToBeSo() throws {
        try inDirectory {
            let path = try checkpoint(7).write(in: directory)
            var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)).dropLast(32))
            bytes[8] = 3
            try Data(bytes + SHA256Digest(of: bytes).bytes).write(to: URL(fileURLWithPath: path))
            let expected = CheckpointError.unknownVersion(path: path, found: 3, known: 2)
            #expect(throws: expected) { try LedgerCheckpoint.load(path: path, clusterID: "test") }
            // It may be the newest: to go on with an older one would be to forget it.
            #expect(throws: expected) { try LedgerCheckpoint.newest(in: directory, clusterID: "test") }
        }
    }

    @Test func aDamagedOneIsReportedAndTheOneBeforeItRead() throws {
        try inDirectory {
            try checkpoint(5).write(in: directory)
            let path = try checkpoint(6).write(in: directory)
            try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
            let found = try LedgerCheckpoint.newest(in: directory, clusterID: "test")
            #expect(found.checkpoint == checkpoint(5))
            #expect(found.damaged.count == 1)
            #expect(found.damaged.first?.description.contains(path) == true)
        }
    }

    @Test func anInterruptedWriteLeavesTheOldOneInForce() throws {
        try inDirectory {
            let path = try checkpoint(5).write(in: directory)
            try Data([1]).write(
                to: URL(fileURLWithPath: "\(directory)/\(LedgerCheckpoint.fileName(index: LogIndex(6))).tmp"))
            let found = try LedgerCheckpoint.newest(in: directory, clusterID: "test")
            #expect(found.checkpoint == checkpoint(5) && found.damaged.isEmpty)
            try LedgerCheckpoint.removeOld(in: directory, keeping: 2)
            #expect(try names() == [(path as NSString).lastPathComponent])
        }
    }

    @Test func onlyTheNewestAreKept() throws {
        try inDirectory {
            for index in 1...5 as ClosedRange<UInt64> { try checkpoint(index).write(in: directory) }
            try Data().write(to: URL(fileURLWithPath: "\(directory)/notes.txt"))
            try LedgerCheckpoint.removeOld(in: directory, keeping: 2)
            let kept = [4, 5].map { LedgerCheckpoint.fileName(index: LogIndex($0)) }
            #expect(try names() == kept + ["notes.txt"])
        }
    }

    @Test func anotherClustersCheckpointIsRefused() throws {
        try inDirectory {
            let path = try checkpoint(5).write(in: directory)
            #expect(throws: CheckpointError.otherCluster(path: path, found: "test", expected: "prod")) {
                try LedgerCheckpoint.newest(in: directory, clusterID: "prod")
            }
        }
    }

    @Test func aDirectoryThatIsNotThereIsASystemError() {
        let error = #expect(throws: CheckpointError.self) { try checkpoint(1).write(in: "/nowhere") }
        guard case .system(_, "create", _) = error else { Issue.record("\(error as Any)"); return }
        #expect(throws: CheckpointError.self) { try LedgerCheckpoint.newest(in: "/nowhere", clusterID: "test") }
    }
}
