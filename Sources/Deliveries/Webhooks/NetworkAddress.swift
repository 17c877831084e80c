import Glibc

/// An IPv4 or IPv6 address, as bytes. An IPv4 address that is written as an IPv6 one (`::ffff:10.0.0.1`) is the IPv4
/// address: that is where a connection to it goes.
public struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16, in the order of the network.
    public let bytes: [UInt8]

    /// Takes 4 or 16 bytes.
    public init(bytes: [UInt8]) {
        precondition(bytes.count == 4 || bytes.count == 16, "an address has 4 or 16 bytes")
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        self.bytes = bytes.count == 16 && bytes.starts(with: mapped) ? Array(bytes[12...]) : bytes
    }

    /// Four decimal numbers, or the forms of RFC 4291, without brackets and zones. Nil for anything else, other old ways of
    /// writing IPv4 too.
    public init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(bytes: withUnsafeBytes(of: four) { Array($0) })
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            self.init(bytes: withUnsafeBytes(of: six) { Array($0) })
        } else {
            return nil
        }
    }

    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        precondition(inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil, "an address can be written")
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// All addresses that begin alike: `10.0.0.0/8`.
public struct NetworkRange: Hashable, Sendable, CustomStringConvertible {
    public let address: NetworkAddress
    /// So many bits are the same.
    public let prefix: Int

    /// `address/prefix`; without a prefix one address alone. Nil if it is none, or if bits behind the prefix are set.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = NetworkAddress(String(parts[0])) else { return nil }
        let bits = address.bytes.count * 8
        var prefix = bits
        if parts.count == 2 {
            guard let number = Int(parts[1]), (0...bits).contains(number), String(number) == parts[1] else {
                return nil
            }
            prefix = number
        }
        self.address = address
        self.prefix = prefix
        guard Self.keep(prefix, of: address.bytes) == address.bytes else { return nil }
    }

    public func contains(_ other: NetworkAddress) -> Bool {
        other.bytes.count == address.bytes.count && Self.keep(prefix, of: other.bytes) == address.bytes
    }

    public var description: String { "\(address)/\(prefix)" }

    private static func keep(_ prefix: Int, of bytes: [UInt8]) -> [UInt8] {
        bytes.enumerated().map { place, byte in
            let bits = max(0, min(8, prefix - place * 8))
            return byte & ~UInt8(truncatingIfNeeded: 0xff >> bits)
        }
    }
}
