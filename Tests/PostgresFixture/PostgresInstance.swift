import Foundation
public import Postgres
import Synchronization

/// A PostgreSQL server of its own for tests, in a temporary directory: real, with fsync, and free to be killed.
public final class PostgresInstance: Sendable {
    public let directory: String
    public let port: Int
    private let process = Mutex<Process?>(nil)

    /// Makes the cluster's files and starts the server. `settings` are lines for postgresql.conf.
    public init(settings: [String] = []) throws {
        directory = try TemporaryDirectories.make()
        port = try Self.freePort()
        try runToEnd(
            ["/bin/cp", "-a", "\(try ClusterTemplate.directory())/data", "\(directory)/data"], asServerUser: false)
        let lines =
            [
                "listen_addresses = '127.0.0.1'", "port = \(port)", "unix_socket_directories = '\(directory)'",
                "fsync = on", "shared_buffers = 32MB", "max_connections = 60", "max_wal_size = 1GB",
                // After a crash: one call for the file system instead of one for each file.
                "recovery_init_sync_method = syncfs", "log_min_messages = fatal", "autovacuum_naptime = 5s",
            ] + settings
        let path = "\(directory)/data/postgresql.conf"
        let before = try String(contentsOfFile: path, encoding: .utf8)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data((before + "\n" + lines.joined(separator: "\n") + "\n").utf8))
        try handle.close()
        try start()
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// A libpq connection string over the Unix socket.
    public func connectionString(database: String = "postgres") -> String {
        "host=\(directory) port=\(port) user=\(Self.superuser) dbname=\(database)"
    }

    /// A libpq URI over TCP.
    public func uri(database: String = "postgres") -> String {
        "postgresql://\(Self.superuser)@127.0.0.1:\(port)/\(database)"
    }

    static let superuser = "redoubt"

    /// Makes a fresh database and gives its connection string.
    public func makeDatabase() throws -> String {
        let name = "test_\(UInt64.random(in: 0 ... .max))"
        try connect().execute("CREATE DATABASE \(name)")
        return connectionString(database: name)
    }

    public func connect(database: String = "postgres") throws -> PostgresConnection {
        try PostgresConnection(
            PostgresConfiguration(
                connectionString: connectionString(database: database), applicationName: "fixture"))
    }

    /// Starts the server and waits until it answers.
    public func start() throws {
        try process.withLock { process in
            precondition(process == nil, "the server runs already")
            let line = ServerUser.commandLine(["\(PostgresBinaries.directory)/postgres", "-D", "\(directory)/data"])
            let started = Process()
            started.executableURL = URL(fileURLWithPath: line.executable)
            started.arguments = line.arguments
            started.currentDirectoryURL = URL(fileURLWithPath: directory)
            _ = FileManager.default.createFile(atPath: "\(directory)/server.log", contents: nil)
            let log = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(directory)/server.log"))
            started.standardOutput = log
            started.standardError = log
            started.standardInput = FileHandle.nullDevice
            try started.run()
            process = started
        }
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            do {
                _ = try connect()
                return
            } catch let error as PostgresError {
                guard ContinuousClock.now < deadline, process.withLock({ $0?.isRunning ?? false }) else {
                    let log = (try? String(contentsOfFile: "\(directory)/server.log", encoding: .utf8)) ?? ""
                    throw FixtureError(message: "the server did not start: \(error)\n\(log)")
                }
                usleep(20_000)
            }
        }
    }

    /// Stops the server as an administrator would; sessions are ended.
    public func stop() {
        let running = process.withLock { process in
            defer { process = nil }
            return process
        }
        guard let running else { return }
        Foundation.kill(running.processIdentifier, SIGINT)
        running.waitUntilExit()
    }

    /// Kills the server and all its processes at once, as a crash of the machine's software would.
    public func kill() {
        let running = process.withLock { process in
            defer { process = nil }
            return process
        }
        guard let running else { return }
        let postmaster = running.processIdentifier
        // The parent first: it would take the death of a child for a reason to start over.
        Foundation.kill(postmaster, SIGSTOP)
        let children = ProcessTable.children(of: postmaster)
        Foundation.kill(postmaster, SIGKILL)
        for child in children { Foundation.kill(child, SIGKILL) }
        running.waitUntilExit()
        let deadline = ContinuousClock.now + .seconds(60)
        while children.contains(where: ProcessTable.isAlive), ContinuousClock.now < deadline { usleep(2_000) }
    }

    public func restart() throws {
        stop()
        try start()
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard status else { throw FixtureError(message: "no free port: \(String(cString: strerror(errno)))") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
