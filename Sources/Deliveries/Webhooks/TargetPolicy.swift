/// Where webhooks may go. Whoever may make a webhook must not thereby reach what only this node can reach: the machine
/// itself, its neighbours, a cloud's metadata service.
public struct TargetPolicy: Sendable, Equatable {
    /// Whether `http` is taken too.
    public var allowsPlainHTTP: Bool
    /// Ranges that are taken although they are not public.
    public var allowedRanges: [NetworkRange]

    public init(allowsPlainHTTP: Bool = false, allowedRanges: [NetworkRange] = []) {
        self.allowsPlainHTTP = allowsPlainHTTP
        self.allowedRanges = allowedRanges
    }

    /// Why no connection to the address is allowed; nil: it is.
    public func objection(to address: NetworkAddress) -> String? {
        if allowedRanges.contains(where: { $0.contains(address) }) { return nil }
        if let range = Self.special.first(where: { $0.range.contains(address) }) {
            return "\(address) is \(range.meaning)"
        }
        // Beside what is listed all of IPv4 is public, and of IPv6 what is handed out as such.
        if address.bytes.count == 16, !Self.globalUnicast.contains(address) {
            return "\(address) is not a public address"
        }
        return nil
    }

    private static let globalUnicast = NetworkRange("2000::/3")!

    /// Source: the IANA registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890 and its updates).
    private static let special: [(range: NetworkRange, meaning: String)] = [
        ("0.0.0.0/8", "of this network"), ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a provider's customers"),
        ("127.0.0.0/8", "this machine's own"), ("169.254.0.0/16", "link-local"), ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "for protocols"), ("192.0.2.0/24", "for documentation"), ("192.88.99.0/24", "for relays"),
        ("192.168.0.0/16", "private"), ("198.18.0.0/15", "for benchmarks"), ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"), ("224.0.0.0/4", "multicast"), ("240.0.0.0/4", "reserved"),
        ("::/128", "no address"), ("::1/128", "this machine's own"), ("fe80::/10", "link-local"),
        ("fc00::/7", "private"),
        ("ff00::/8", "multicast"), ("2001::/23", "for protocols"), ("2001:db8::/32", "for documentation"),
        ("3fff::/20", "for documentation"),
        // These carry an IPv4 address, which might be any.
        ("64:ff9b::/96", "a translation of IPv4"), ("64:ff9b:1::/48", "a translation of IPv4"),
        ("2002::/16", "a translation of IPv4"),
    ].map { (NetworkRange($0.0)!, $0.1) }
}
