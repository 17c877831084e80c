import Foundation
import Node
import Raft
import Testing

@Suite("A node's directory") final class DataDirectoryTests {
    private let path = NSTemporaryDirectory() + "redoubt-directory-\(UUID().uuidString)"

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private static func members(_ voters: UInt64...) -> Membership {
        let voters = voters.map { NodeID($0) }
        return Membership(
            voters: voters, contacts: Dictionary(uniqueKeysWithValues: voters.map { ($0, Array("here".utf8)) }))
    }

    @Test func `members that are known are not replaced by older ones`() throws {
        let file = MembersFile(path: path + "/members")
        #expect(file.read() == nil)
        try file.remember(Self.members(1, 2, 3, 4), index: LogIndex(70_000))
        try file.remember(Self.members(1, 2, 3), index: LogIndex(9))
        #expect(file.read()?.members == Self.members(1, 2, 3, 4))
        #expect(file.read()?.index == LogIndex(70_000))
        try file.remember(Self.members(1, 2), index: LogIndex(70_001))
        #expect(file.read()?.members == Self.members(1, 2))
        // But an operator may.
        try file.write(Self.members(2), index: LogIndex(8))
        #expect(file.read()?.members == Self.members(2))
    }

    @Test func `members are read from a file without an index, and from no damaged one`() throws {
        let file = MembersFile(path: path + "/members")
        try Data(Self.members(1, 2).encode()).write(to: URL(fileURLWithPath: file.path))
        #expect(file.read()?.members == Self.members(1, 2))
        #expect(file.read()?.index == .zero)
        try file.remember(Self.members(1, 2, 3), index: LogIndex(1))
        let whole = try Data(contentsOf: URL(fileURLWithPath: file.path))
        for length in whole.indices {
            try whole[..<length].write(to: URL(fileURLWithPath: file.path))
            #expect(file.read() == nil)
        }
    }

    @Test func `the end of one installation does not take the mark of the next one away`() throws {
        let directory = try DataDirectory(path)
        try directory.beginInstallation("first")
        try directory.beginInstallation("second")
        directory.endInstallationSoon("first")
        directory.endInstallation("nothing")
        #expect(directory.unfinishedInstallation == "second")
        directory.endInstallationSoon("second")
        // Waits for what was asked for before it.
        directory.endInstallation("nothing")
        #expect(directory.unfinishedInstallation == nil)
    }
}
