import Foundation
import HTTPSClient

/// A bit of what a node has on disk is another after a restart. The node names the file, and never serves what is in it.
///
/// Behind a checkpoint the log reaches back: the node sets the damaged one aside and comes back by itself. With anything else
/// damaged it may refuse to start; then it gets a new disk, as operators would give it one.
package struct BitFlipFault: Fault {
    package enum Place: String, Sendable {
        case log
        /// Term, vote and who the node is.
        case identity
        /// The newest.
        case checkpoint
        /// One that the node had received, and was installing when it ended.
        case snapshot
    }

    private let place: Place
    private let target: Target
    private var node = 0
    private var flip: BitFlip?
    /// Where the node's log stood when it was started on the damaged file.
    private var logBytesBefore = 0
    package private(set) var excused: Set<Int> = []

    package init(_ place: Place, of target: Target) {
        self.place = place
        self.target = target
    }

    package var name: String { "bit-flip-\(place.rawValue)-\(target.word)" }

    package mutating func start(at site: FaultSite) async throws {
        let world = site.world
        node = try await target.resolve(at: site)
        excused = [node]
        var kept: String?
        if place == .checkpoint || place == .snapshot {
            // Checkpoints come with megabytes of log, or with a snapshot that somebody asks for.
            let answer = try await world.change("POST", "/cluster/snapshot", body: nil, at: [node])
            kept = answer.object?["path"] as? String
        }
        try await world.killNode(node)
        if place == .snapshot { try interruptInstallation(of: kept, in: world.layout.data(node)) }
        guard let path = file(in: world.layout.data(node)) else {
            throw ChaosError.node(node, "has no \(place.rawValue) on disk")
        }
        flip = try BitFlip(in: path, seed: site.seed)
        logBytesBefore = log(of: node, in: world).count
        try world.startNode(node)
        // It may end when it sees that, and that is right.
        if place != .checkpoint { world.expectGone(node) }
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        guard let flip else { return nil }
        if place == .checkpoint, await !site.world.waitUntilReady([node], seconds: 60) {
            throw ChaosError.node(node, "is not ready though its log reaches back behind the damaged \(flip)")
        }
        let said = log(of: node, in: site.world).dropFirst(logBytesBefore).split(separator: UInt8(ascii: "\n"))
        let words = ["damage", "checksum", "corrupt"]
        let line = said.lazy.map { String(decoding: $0, as: UTF8.self) }.last { line in
            line.contains(flip.fileName) && words.contains { line.lowercased().contains($0) }
        }
        return line.map { "\(flip), node \(node) said: \($0.suffix(160))" }
    }

    package func stop(at site: FaultSite) async throws {
        guard node != 0 else { return }
        if place == .checkpoint, site.world.isNodeRunning(node) { return }
        try await site.world.killNode(node)
        try await site.world.killPostgres(node)
        try await site.world.wipe(node)
        try await Replacement.perform(node, at: site)
    }

    private func log(of node: Int, in world: World) -> Data {
        FileManager.default.contents(atPath: world.layout.log(node)) ?? Data()
    }

    /// Leaves a node as a crash in the middle of an installation does: the file is there, and the mark that names it. It takes
    /// more log than a run has for a leader to send one, so it is one of the node's own.
    private func interruptInstallation(of kept: String?, in data: String) throws {
        guard let kept else { throw ChaosError.node(node, "does not say where its snapshot is") }
        try FileManager.default.copyItem(atPath: kept, toPath: "\(data)/snapshots/incoming-1.part")
        try Data("\(data)/snapshots/incoming-1.part".utf8).write(to: URL(fileURLWithPath: data + "/installing"))
    }

    private func file(in data: String) -> String? {
        func files(_ directory: String, _ suffix: String) -> [String] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            return names.filter { $0.hasSuffix(suffix) }.map { "\(directory)/\($0)" }
        }
        switch place {
        // The first segment of a log is the one that is full of what others have.
        case .log: return files(data + "/log", ".segment").min()
        case .identity: return files(data, "identity").first
        case .checkpoint: return files(data + "/checkpoints", ".checkpoint").max()
        case .snapshot: return files(data + "/snapshots", ".part").first
        }
    }
}
