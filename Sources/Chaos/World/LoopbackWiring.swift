/// Everything on this machine's own addresses: needs no rights, and knows no faults of the network.
struct LoopbackWiring: Wiring {
    let capabilities: Set<Capability> = []

    func setUp() async throws {}
    func tearDown() async throws {}
    func address(of node: Int) -> String { "127.0.0.1" }
    var clientAddress: String { "127.0.0.1" }
    func prefix(_ place: Place) -> [String] { [] }
    func enterClientNetwork() throws {}

    func drop(_ name: String, from: Place, to: Place, share: Double) async throws { throw Self.cannot }
    func slow(_ node: Int, kilobitsPerSecond: Int) async throws { throw Self.cannot }
    func unslow(_ node: Int) async throws { throw Self.cannot }
    func restore(_ name: String) async throws -> Int { throw Self.cannot }
    func packets(_ name: String) async throws -> Int { throw Self.cannot }

    private static let cannot = ChaosError.missing("A loopback world has no network of its own to cut; run as root.")
}
