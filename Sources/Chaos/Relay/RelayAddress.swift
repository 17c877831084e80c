/// Where a relay listens, or whereto it passes on.
package struct RelayAddress: Hashable, Sendable, CustomStringConvertible {
    /// IPv4, four numbers.
    package let host: String
    /// 0...65535; zero lets the kernel choose where to listen.
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Of `host:port`; nil if it is none.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let port = Int(parts[1]), (0...65_535).contains(port) else { return nil }
        let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 4, numbers.allSatisfy({ UInt8($0) != nil }) else { return nil }
        self.init(host: String(parts[0]), port: port)
    }

    package var description: String { "\(host):\(port)" }
}
