import Foundation
import Synchronization

/// A fresh database cluster, made once in a process and copied for each instance.
enum ClusterTemplate {
    private static let made = Mutex<String?>(nil)

    static func directory() throws -> String {
        try made.withLock { made in
            if let made { return made }
            let directory = try TemporaryDirectories.make()
            try runToEnd([
                "\(PostgresBinaries.directory)/initdb", "-D", "\(directory)/data", "-A", "trust",
                "-U", PostgresInstance.superuser, "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions",
            ])
            made = directory
            return directory
        }
    }
}

/// Directories that go when the process goes; those of a process that was killed go with the next one.
enum TemporaryDirectories {
    private static let made = Mutex<[String]>([])
    private static let prefix = "redoubt-pg-"

    static func make() throws -> String {
        let directory = try made.withLock { made in
            if made.isEmpty {
                removeLeftovers()
                atexit { TemporaryDirectories.removeAll() }
            }
            // Short: the path of a Unix socket has 107 bytes at most.
            let directory = "/tmp/\(prefix)\(getpid())-\(made.count)"
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
            made.append(directory)
            return directory
        }
        ServerUser.own(directory)
        return directory
    }

    private static func removeAll() {
        for directory in made.withLock({ $0 }) { remove(directory) }
    }

    private static func removeLeftovers() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? [] where name.hasPrefix(prefix) {
            let owner = name.dropFirst(prefix.count).prefix { $0 != "-" }
            if let owner = Int32(owner), !ProcessTable.isAlive(owner) { remove("/tmp/\(name)") }
        }
    }

    /// Ends the server that runs there, if one does, and deletes the files.
    private static func remove(_ directory: String) {
        if let text = try? String(contentsOfFile: "\(directory)/data/postmaster.pid", encoding: .utf8),
            let first = text.split(separator: "\n").first, let postmaster = Int32(first),
            ProcessTable.commandLine(of: postmaster).contains("\(directory)/data")
        {
            let children = ProcessTable.children(of: postmaster)
            kill(postmaster, SIGKILL)
            for child in children { kill(child, SIGKILL) }
        }
        try? FileManager.default.removeItem(atPath: directory)
    }
}

/// What /proc says of processes.
enum ProcessTable {
    static func children(of parent: Int32) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap(Int32.init).filter { fields(of: $0).map { $0.parent == parent } ?? false }
    }

    /// Neither gone nor a zombie that nobody has collected yet.
    static func isAlive(_ process: Int32) -> Bool { fields(of: process).map { $0.state != "Z" } ?? false }

    static func commandLine(of process: Int32) -> String {
        (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? ""
    }

    private static func fields(of process: Int32) -> (state: Substring, parent: Int32)? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            // The name may hold blanks and brackets: what follows its last bracket is regular.
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[end...].dropFirst().split(separator: " ")
        guard fields.count > 1, let parent = Int32(fields[1]) else { return nil }
        return (fields[0], parent)
    }
}
