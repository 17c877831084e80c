import Foundation

/// A bit of what a node has on disk is another after a restart. The node says so, or mends it, and never serves it; then
/// it gets a new disk.
package struct BitFlipFault: Fault {
    package enum Place: String, Sendable {
        case log
        /// Term, vote and who the node is.
        case identity
        case checkpoint
    }

    private let place: Place
    private let target: Target
    private var node = 0
    private var file: String?
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
        try await world.killNode(node)
        guard let path = newest(in: world.layout.data(node)) else {
            throw ChaosError.node(node, "has no \(place.rawValue) on disk")
        }
        var bytes = FileManager.default.contents(atPath: path) ?? Data()
        // In what is written, not in what was only set aside: zeros at the end are empty.
        let used = (bytes.lastIndex { $0 != 0 } ?? 0) + 1
        var random = SeededRandom(seed: site.seed)
        let place = Int.random(in: used / 4..<max(used / 4 + 1, used * 3 / 4), using: &random)
        bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        try bytes.write(to: URL(fileURLWithPath: path))
        file = "\(path.split(separator: "/").suffix(2).joined(separator: "/")) at \(place) of \(used)"
        // It may end when it sees that, and that is right.
        try world.startNode(node)
        world.expectGone(node)
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        guard let file else { return nil }
        let log = (try? String(contentsOfFile: site.world.layout.log(node), encoding: .utf8)) ?? ""
        let words = ["damage", "checksum", "corrupt"]
        let said = log.split(separator: "\n").suffix(60).last { line in
            words.contains { line.lowercased().contains($0) }
        }
        return said.map { "\(file), node \(node) said: \($0.suffix(160))" }
    }

    package func stop(at site: FaultSite) async throws {
        try await site.world.killNode(node)
        try await site.world.killPostgres(node)
        try await site.world.wipe(node)
        try await Replacement.perform(node, at: site)
    }

    private func newest(in data: String) -> String? {
        let directory =
            switch place {
            case .log: data + "/log"
            case .checkpoint: data + "/checkpoints"
            case .identity: data
            }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let chosen =
            switch place {
            case .log: names.filter { $0.hasSuffix(".segment") }
            case .checkpoint: names
            case .identity: names.filter { $0 == "identity" }
            }
        // The first segment of a log is the one that is full of what others have.
        return (place == .checkpoint ? chosen.max() : chosen.min()).map { "\(directory)/\($0)" }
    }
}
