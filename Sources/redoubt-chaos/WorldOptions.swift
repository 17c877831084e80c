import ArgumentParser
import Chaos
import Foundation

/// Which program, where, and how apart.
struct WorldOptions: ParsableArguments {
    @Flag(name: .long, help: "Without namespaces and root; leaves out the faults of the network.")
    var loopback = false

    @Option(name: .long, help: "The node's program. Default: beside this program, then $REDOUBT_BINARY.")
    var binary: String?

    @Option(name: .long, help: "Where chaos/ and cluster/ are. Default: found from here and from this program.")
    var repository: String?

    @Option(name: .long, help: "Tells worlds apart that run side by side, 0 to 99.")
    var world = 0

    @Option(name: .long, help: "Where the world lies while it runs. Default: /var/tmp/redoubt-chaos-<world>.")
    var home: String?

    func validate() throws {
        guard (0...99).contains(world) else { throw ValidationError("--world must be 0 to 99.") }
    }

    func settings() throws -> WorldSettings {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = (program as NSString).deletingLastPathComponent + "/redoubt"
        let environment = ProcessInfo.processInfo.environment
        let binary = absolute(binary ?? environment["REDOUBT_BINARY"] ?? beside)
        var settings = WorldSettings(
            kind: loopback ? .loopback : .namespaces,
            home: absolute(home ?? "/var/tmp/redoubt-chaos-\(world)\(loopback ? "-loopback" : "")"), number: world,
            binary: binary, repository: "")
        settings.repository = try repository.map(absolute) ?? Self.findRepository(program)
        return settings
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    private static func findRepository(_ program: String) throws -> String {
        for start in [FileManager.default.currentDirectoryPath, program] {
            var directory = start
            while directory.count > 1 {
                if FileManager.default.isExecutableFile(atPath: directory + "/chaos/prepare") { return directory }
                directory = (directory as NSString).deletingLastPathComponent
            }
        }
        throw ValidationError("chaos/ is not here; run it in the repository, or give --repository.")
    }
}
