import Foundation
import Glibc

/// A node's file system has no space left. Needs a scenario whose data directories are on file systems of their own.
package struct DiskFullFault: Fault {
    private let target: Target
    private var node = 0
    private var begun: Int64 = 0
    package private(set) var excused: Set<Int> = []

    package init(_ target: Target) {
        self.target = target
    }

    package var name: String { "disk-full-\(target.word)" }
    package var needs: Set<Capability> { [.mounts] }

    package mutating func start(at site: FaultSite) async throws {
        guard site.world.settings.dataMegabytes != nil else {
            throw ChaosError.missing("\(name) needs a scenario with small file systems")
        }
        node = try await target.resolve(at: site)
        excused = [node]
        try fill(Self.ballast(site.world, node))
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        let free = Self.free(site.world.layout.data(node))
        // The node may have freed something itself meanwhile: logs are compacted.
        return free < 1 << 20 ? "\(free >> 10) KiB free, node \(node)" : nil
    }

    package func stop(at site: FaultSite) async throws {
        try FileManager.default.removeItem(atPath: Self.ballast(site.world, node))
    }

    private static func ballast(_ world: World, _ node: Int) -> String { world.layout.data(node) + "/ballast" }

    private static func free(_ path: String) -> Int {
        var status = statvfs()
        return statvfs(path, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : 0
    }

    private func fill(_ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ChaosError.system("opening \(path)", code: errno) }
        defer { close(descriptor) }
        let block = [UInt8](repeating: 0x55, count: 1 << 20)
        var count = block.count
        while count > 0 {
            let written = write(descriptor, block, count)
            if written < 0, errno != EINTR { count /= 16 }
        }
    }
}
