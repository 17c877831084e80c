import Glibc

/// What the machine must have, said before anything is made.
enum Requirements {
    static func check(_ settings: WorldSettings) async throws {
        guard access(settings.binary, X_OK) == 0 else {
            throw ChaosError.missing(
                "There is no \(settings.binary). Build it with `swift build -c release`, or give --binary.")
        }
        guard access(settings.repository + "/chaos/prepare", X_OK) == 0 else {
            throw ChaosError.missing("There is no \(settings.repository)/chaos/prepare. Give --repository.")
        }
        var programs = ["openssl", "setpriv", "env", "bash"]
        if !settings.shims.isEmpty || (settings.usesKafka && settings.kind == .namespaces) { programs.append("gcc") }
        if settings.receivesAlerts { programs.append("python3") }
        if settings.kind == .namespaces {
            guard geteuid() == 0 else {
                throw ChaosError.missing(
                    "Network namespaces need root. Run as root, or with --loopback, which leaves out the faults of the network."
                )
            }
            programs += ["ip", "iptables", "tc", "nsenter"]
        }
        let missing = programs.filter { !Command.exists($0) }
        guard missing.isEmpty else {
            throw ChaosError.missing(
                "Missing on this machine: \(missing.joined(separator: ", ")). "
                    + "On Debian: apt-get install iproute2 iptables util-linux openssl gcc python3.")
        }
    }
}
