import CChaosShims
import Foundation

/// Each node in a network namespace, the clients in one, and a bridge between them in another, so that nothing of the
/// machine's own network is touched. All names begin with `rdc` and the world's number: what is left over is found by them.
///
/// Packets are dropped where they arrive: the sender learns nothing, as on a broken cable.
package struct NamespaceWiring: Wiring {
    package let capabilities: Set<Capability> = [.network, .mounts]
    private let number: Int
    private let nodes: [Int]

    package init(number: Int, nodes: [Int]) {
        self.number = number
        self.nodes = nodes
    }

    private var prefix: String { "rdc\(number)" }
    private var bridgeSpace: String { "\(prefix)-b" }

    private func space(_ place: Place) -> String {
        switch place {
        case .node(let node): "\(prefix)-\(node)"
        case .client: "\(prefix)-c"
        }
    }

    private func address(_ place: Place) -> String {
        switch place {
        case .node(let node): "10.213.\(number).\(node)"
        case .client: "10.213.\(number).200"
        }
    }

    private var places: [Place] { nodes.map { .node($0) } + [.client] }

    package func address(of node: Int) -> String { address(.node(node)) }
    package var clientAddress: String { address(.client) }

    package func prefix(_ place: Place) -> [String] { ["nsenter", "--net=/run/netns/\(space(place))"] }

    package func enterClientNetwork() throws {
        let code = redoubt_enter_network_namespace("/run/netns/\(space(.client))")
        guard code == 0 else { throw ChaosError.system("entering the clients' network", code: code) }
    }

    package func setUp() async throws {
        try await Command.run(["ip", "netns", "add", bridgeSpace])
        try await ip(bridgeSpace, "link", "add", "bridge", "type", "bridge")
        try await ip(bridgeSpace, "link", "set", "bridge", "up")
        for place in places {
            let space = space(place)
            try await Command.run(["ip", "netns", "add", space])
            try await ip(bridgeSpace, "link", "add", space, "type", "veth", "peer", "name", "eth0", "netns", space)
            try await ip(bridgeSpace, "link", "set", space, "master", "bridge", "up")
            try await ip(space, "addr", "add", "\(address(place))/24", "dev", "eth0")
            try await ip(space, "link", "set", "lo", "up")
            try await ip(space, "link", "set", "eth0", "up")
        }
    }

    package func tearDown() async throws {
        for space in try await leftSpaces() {
            let pids = try await Command.run(["ip", "netns", "pids", space])
            for pid in pids.split(whereSeparator: \.isWhitespace).compactMap({ Int32($0) }) {
                let process = ChildProcess(pid: pid, startTicks: ChildProcess.startTicks(of: pid) ?? 0)
                process.signal(SIGKILL)
                guard await process.waitUntilGone(seconds: 10) else {
                    throw ChaosError.late("process \(pid) of an earlier run does not die")
                }
            }
            try await Command.run(["ip", "netns", "delete", space])
        }
    }

    /// The namespaces of this world's number that are there.
    func leftSpaces() async throws -> [String] {
        try await Command.run(["ip", "netns", "list"]).split(separator: "\n").compactMap { line in
            line.split(separator: " ").first.map(String.init)
        }.filter { $0.hasPrefix(prefix + "-") }
    }

    package func drop(_ name: String, from: Place, to: Place, share: Double) async throws {
        var rule = ["-s", address(from), "-m", "comment", "--comment", name]
        if share < 1 { rule += ["-m", "statistic", "--mode", "random", "--probability", "\(share)"] }
        // Before the rules of faults that last: the packets it meets show that it bites, and they have met theirs.
        try await iptables(to, ["-I", "INPUT"] + rule + ["-j", "DROP"])
    }

    package func slow(_ node: Int, kilobitsPerSecond: Int) async throws {
        try await Command.run(
            prefix(.node(node)) + [
                "tc", "qdisc", "replace", "dev", "eth0", "root", "tbf", "rate", "\(kilobitsPerSecond)kbit", "burst",
                "16kb", "latency", "200ms",
            ])
    }

    package func unslow(_ node: Int) async throws {
        try await Command.run(prefix(.node(node)) + ["tc", "qdisc", "del", "dev", "eth0", "root"])
    }

    package func restore(_ name: String) async throws -> Int {
        var met = 0
        for place in places {
            for rule in try await rules(name, at: place) {
                met += rule.packets
                // By what it says: its number changes when another fault's rules come or go.
                try await iptables(place, ["-D", "INPUT"] + rule.words)
            }
        }
        return met
    }

    package func packets(_ name: String) async throws -> Int {
        var met = 0
        for place in places { met += try await rules(name, at: place).reduce(0) { $0 + $1.packets } }
        return met
    }

    private func rules(_ name: String, at place: Place) async throws -> [(words: [String], packets: Int)] {
        // -A INPUT -s 10.213.0.2/32 -m comment --comment NAME -c PACKETS BYTES -j DROP
        let list = try await iptables(place, ["-vS", "INPUT"])
        return list.split(separator: "\n").compactMap { line in
            var words = line.split(separator: " ").map(String.init)
            guard words.contains(name), let counts = words.firstIndex(of: "-c"), counts + 2 < words.count,
                let packets = Int(words[counts + 1])
            else { return nil }
            words.removeSubrange(counts...counts + 2)
            return (Array(words.dropFirst(2)), packets)
        }
    }

    @discardableResult
    private func iptables(_ place: Place, _ words: [String]) async throws -> String {
        try await Command.run(prefix(place) + ["iptables", "-w", "5"] + words)
    }

    private func ip(_ space: String, _ words: String...) async throws {
        try await Command.run(["ip", "-n", space] + words)
    }
}
