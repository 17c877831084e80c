import Glibc

/// The libraries that go before the C library, and what they are told.
enum ShimLibrary {
    static func build(_ shim: Shim, _ settings: WorldSettings) async throws {
        let layout = WorldLayout(settings)
        try World.makeDirectory(layout.shims, permissions: 0o755)
        let source = "\(settings.repository)/chaos/shims/\(shim.rawValue).c"
        try await Command.run([
            "gcc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library(shim, layout), source, "-ldl",
            "-lpthread",
        ])
    }

    static func library(_ shim: Shim, _ layout: WorldLayout) -> String { "\(layout.shims)/\(shim.rawValue).so" }

    /// The environment of a node's process.
    static func environment(of node: Int, _ settings: WorldSettings) throws -> [String: String] {
        let layout = WorldLayout(settings)
        var environment: [String: String] = [:]
        var libraries: [String] = []
        for shim in Shim.allCases where settings.shims.contains(shim) { libraries.append(library(shim, layout)) }
        if settings.shims.contains(.clock) { try setClock(of: node, layout, ahead: 0) }
        environment["REDOUBT_SHIM_DATA"] = layout.data(node)
        environment["REDOUBT_SHIM_CONTROL"] = layout.control(node)
        if !libraries.isEmpty { environment["LD_PRELOAD"] = libraries.joined(separator: ":") }
        return environment
    }

    /// In place: a process that runs has the file before its eyes.
    static func setClock(of node: Int, _ layout: WorldLayout, ahead seconds: Int64) throws {
        let path = layout.control(node) + "/clock"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ChaosError.system("opening \(path)", code: errno) }
        defer { close(descriptor) }
        var seconds = seconds
        guard pwrite(descriptor, &seconds, 8, 0) == 8 else { throw ChaosError.system("writing \(path)", code: errno) }
    }
}
