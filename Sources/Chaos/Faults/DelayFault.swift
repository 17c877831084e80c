/// What a node says to the others and hears from them comes late, in its order. Needs a scenario with relays.
package struct DelayFault: Fault {
    private let target: Target
    private let milliseconds: Int
    private let jitter: Int
    private var node = 0
    private var delayedBefore = 0
    /// Everything is late, and nothing fails.
    package let excused: Set<Int> = []

    /// - Parameters:
    ///   - milliseconds: in each direction, 0...60,000.
    ///   - jitter: more or less, drawn for every piece; 0...`milliseconds`.
    package init(_ target: Target, milliseconds: Int, jitter: Int) {
        self.target = target
        self.milliseconds = milliseconds
        self.jitter = jitter
    }

    package var name: String { "delay-\(milliseconds)-ms-\(target.word)" }

    package mutating func start(at site: FaultSite) async throws {
        node = try await target.resolve(at: site)
        delayedBefore = try site.world.countAtRelays(of: node, \.delayedPieces)
        try await site.world.setRelays(
            of: node, RelaySettings(delayMilliseconds: milliseconds, jitterMilliseconds: jitter))
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        let delayed = try site.world.countAtRelays(of: node, \.delayedPieces) - delayedBefore
        return delayed > 0
            ? "\(delayed) pieces came \(milliseconds - jitter) to \(milliseconds + jitter) ms late, node \(node)" : nil
    }

    package func stop(at site: FaultSite) async throws {
        guard node != 0 else { return }
        try await site.world.setRelays(of: node, RelaySettings())
    }
}
