import Dispatch
import Foundation
import Glibc
import Ledger
import Raft

/// What a node keeps on disk, and where.
package struct DataDirectory: Sendable {
    package let path: String
    var log: String { path + "/log" }
    var checkpoints: String { path + "/checkpoints" }
    /// On their way to or from other nodes.
    var snapshots: String { path + "/snapshots" }
    /// Those that operators asked for.
    var keptSnapshots: String { path + "/snapshots/kept" }
    var identity: String { path + "/identity" }
    /// What is remembered of the others' lives.
    var register: String { path + "/register" }
    var history: String { path + "/history.jsonl" }
    /// The newest members that were committed: whom to ask at the next start.
    private var members: MembersFile { MembersFile(path: path + "/members") }
    private var maintenance: String { path + "/maintenance" }
    /// Holds the name of the snapshot whose installation was begun.
    private var installing: String { path + "/installing" }
    /// There while this node's PostgreSQL may rightly be ahead of its log.
    private var catchingUp: String { path + "/catching-up" }
    /// There while this life is to be given up at the next start; holds the reason.
    private var givenUp: String { path + "/given-up" }

    /// The mark of an installation is set and taken away by several threads.
    private let installations = DispatchQueue(label: "redoubt.installations", qos: .utility)

    /// Makes what is missing, open to the owner alone.
    package init(_ path: String) throws {
        self.path = path
        for directory in [path, log, checkpoints, snapshots, keptSnapshots] { try Self.make(directory) }
    }

    private static func make(_ directory: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw NodeFault.dataDirectory(path: directory, reason: error.localizedDescription)
        }
    }

    /// Renames a damaged checkpoint, so that it is kept for whoever wants to know, but not counted as one.
    func setAside(_ error: CheckpointError) {
        guard case .damaged(let path, _) = error else { return }
        try? FileManager.default.removeItem(atPath: path + ".damaged")
        try? FileManager.default.moveItem(atPath: path, toPath: path + ".damaged")
    }

    // MARK: Lives

    /// The log and the checkpoints of the life so far are kept beside, under a name that tells when, and are not looked at
    /// again. Of those set aside before, only the last are kept.
    func setLifeAside() throws {
        let aside = "\(path)/former-\(Int(Date().timeIntervalSince1970))"
        try Self.make(aside)
        for part in ["log", "checkpoints", "identity", "installing", "members", "given-up"] {
            let from = "\(path)/\(part)"
            guard FileManager.default.fileExists(atPath: from) else { continue }
            try FileManager.default.moveItem(atPath: from, toPath: "\(aside)/\(part)")
        }
        for directory in [log, checkpoints] { try Self.make(directory) }
        let former = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasPrefix("former-") }
            .sorted()
        for old in former.dropLast(1) { try? FileManager.default.removeItem(atPath: "\(path)/\(old)") }
        sync(path)
    }

    var hasLog: Bool { !((try? FileManager.default.contentsOfDirectory(atPath: log)) ?? []).isEmpty }

    /// Why this life is to be given up; nil: it goes on.
    var givenUpReason: String? { text(givenUp) }
    func giveUp(because reason: String) throws { try put(reason, at: givenUp) }

    var isCatchingUp: Bool { exists(catchingUp) }
    func setCatchingUp(_ isOn: Bool) throws { try set(catchingUp, isOn) }

    /// `Membership.none` where none is known.
    var knownMembers: Membership { members.read()?.members ?? .none }

    /// Against all that was known before: an operator has decided.
    func setMembers(_ membership: Membership, index: LogIndex) throws { try members.write(membership, index: index) }

    /// To be called from one queue.
    func remember(_ membership: Membership, index: LogIndex) throws { try members.remember(membership, index: index) }

    // MARK: Maintenance

    var isInMaintenance: Bool { exists(maintenance) }
    func setMaintenance(_ isOn: Bool) throws { try set(maintenance, isOn) }

    // MARK: Snapshots

    /// The snapshot whose installation was begun and did not end; nil: there is none.
    package var unfinishedInstallation: String? { text(installing) }
    package func beginInstallation(_ path: String) throws { try installations.sync { try put(path, at: installing) } }

    /// Of this one: another may have been begun since.
    package func endInstallation(_ path: String) { installations.sync { removeInstallation(path) } }

    /// The same, without waiting for the disk.
    package func endInstallationSoon(_ path: String) { installations.async { removeInstallation(path) } }

    private func removeInstallation(_ path: String) {
        if text(installing) == path {
            unlink(installing)
            sync(self.path)
        }
        unlink(path)
    }

    /// Those that were made to be sent before this start: nobody will ask for them again. One that is being received stays.
    func removeForgottenSnapshots() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: snapshots)) ?? []
        for name in names where name.hasPrefix("ledger-") { unlink("\(snapshots)/\(name)") }
    }

    func removeKeptSnapshots(but count: Int) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: keptSnapshots)) ?? []
        for name in names.filter({ $0.hasSuffix(".snapshot") }).sorted().dropLast(count) {
            unlink("\(keptSnapshots)/\(name)")
        }
    }

    // MARK: Files that say something by being there

    private func exists(_ file: String) -> Bool { access(file, F_OK) == 0 }

    private func text(_ file: String) -> String? {
        FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) }
    }

    private func set(_ file: String, _ isOn: Bool) throws {
        if isOn { try put("", at: file) } else { unlink(file) }
        sync(path)
    }

    /// Durable when it returns.
    private func put(_ text: String, at file: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw NodeFault.dataDirectory(path: file, reason: error.localizedDescription)
        }
        sync(file)
        sync(path)
    }

    private func sync(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
