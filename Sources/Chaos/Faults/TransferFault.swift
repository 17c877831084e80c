import HTTPSClient

/// The leadership is handed over, as an operator does before work on a machine. Not a fault to anybody, if all is well.
package struct TransferFault: Fault {
    private var done: [String] = []
    private let count: Int
    package let excused: Set<Int> = []

    /// - Parameter count: one after the other.
    package init(count: Int = 1) {
        self.count = count
    }

    package var name: String { count == 1 ? "transfer" : "transfer-\(count)-times" }

    package mutating func start(at site: FaultSite) async throws {
        for _ in 0..<count {
            let from = try await site.world.awaitLeader()
            let answer = try await site.world.change(
                "POST", "/cluster/leader", body: "{}", at: [from] + site.world.nodes)
            guard let to = answer.object?["to"] as? Int, to != from else { continue }
            done.append("\(from) to \(to)")
        }
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        done.isEmpty ? nil : "handed over: \(done.joined(separator: ", "))"
    }

    package func stop(at site: FaultSite) async throws {}
}
