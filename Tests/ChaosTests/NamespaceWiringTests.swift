import Chaos
import Glibc
import Testing

@Suite("Network namespaces")
struct NamespaceWiringTests {
    private static let isPossible = geteuid() == 0 && ["ip", "iptables", "nsenter"].allSatisfy(Command.exists)

    /// Each fault takes its own rules away, whatever others add and take away meanwhile.
    @Test(.enabled(if: isPossible, "needs root, ip, iptables and nsenter"))
    func overlappingCutsKeepApart() async throws {
        let wiring: any Wiring = NamespaceWiring(number: 98, nodes: [1, 2, 3])
        try await wiring.tearDown()
        try await wiring.setUp()
        do {
            try await wiring.cutBothWays("lasting", .node(1), .node(2))
            try await withThrowingTaskGroup { group in
                for fault in 1...4 {
                    group.addTask {
                        for _ in 0..<10 {
                            try await wiring.drop("fault-\(fault)", from: .node(2), to: .node(1), share: 0.1)
                            try await wiring.cutBothWays("fault-\(fault)", .node(1), .node(3))
                            try await wiring.restore("fault-\(fault)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            var isJoined: [Bool] = []
            for node in [2, 3] { isJoined.append(try await reaches(wiring, from: 1, to: node)) }
            #expect(isJoined == [false, true])
            #expect(try await wiring.restore("lasting") > 0)
            #expect(try await reaches(wiring, from: 1, to: 2))
        } catch {
            try await wiring.tearDown()
            throw error
        }
        try await wiring.tearDown()
    }

    /// Nobody listens there: a cable that is whole brings a refusal at once, one that is cut brings nothing.
    private func reaches(_ wiring: any Wiring, from node: Int, to other: Int) async throws -> Bool {
        let words =
            wiring.prefix(.node(node)) + [
                "timeout", "2", "bash", "-c", "exec 3<>/dev/tcp/\(wiring.address(of: other))/9",
            ]
        return try await Command.result(words).status != 124
    }
}
