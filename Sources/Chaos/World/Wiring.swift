/// What a world can do to its nodes. A fault says what it needs.
package enum Capability: String, Sendable, CaseIterable {
    /// Cut, thin out and slow down connections.
    case network
    /// Mount file systems.
    case mounts
}

/// Who is reached over the network of a world.
package enum Place: Sendable, Hashable {
    case node(Int)
    case client
}

/// How the nodes of a world are connected. Rules are removed by the name that they were added under.
package protocol Wiring: Sendable {
    var capabilities: Set<Capability> { get }
    func setUp() async throws
    /// Removes everything, also what an earlier run left; safe to call when there is nothing.
    func tearDown() async throws
    func address(of node: Int) -> String
    /// Where nodes reach what runs beside the clients.
    var clientAddress: String { get }
    /// What goes before a program's own words, so that it runs at that place.
    func prefix(_ place: Place) -> [String]
    /// Takes the calling thread to where clients are.
    func enterClientNetwork() throws
    /// What comes from one to the other disappears: all of it, or this part.
    func drop(_ name: String, from: Place, to: Place, share: Double) async throws
    /// Everything that a node sends goes at this rate at most.
    func slow(_ node: Int, kilobitsPerSecond: Int) async throws
    func unslow(_ node: Int) async throws
    /// Takes away all rules of that name; how many packets they met.
    @discardableResult func restore(_ name: String) async throws -> Int
    /// How many packets the rules of that name have met.
    func packets(_ name: String) async throws -> Int
}

extension Wiring {
    package func cut(_ name: String, from: Place, to: Place) async throws {
        try await drop(name, from: from, to: to, share: 1)
    }

    package func cutBothWays(_ name: String, _ one: Place, _ other: Place) async throws {
        try await cut(name, from: one, to: other)
        try await cut(name, from: other, to: one)
    }
}
