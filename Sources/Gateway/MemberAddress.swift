/// The addresses of members, as an operator writes them.
enum MemberAddress {
    static let maxPeerAddressBytes = 300
    static let maxURLBytes = 512

    /// What is wrong with `host:port`; nil: nothing.
    static func faultOfPeerAddress(_ text: String) -> String? {
        guard text.utf8.count <= maxPeerAddressBytes else { return "must have at most \(maxPeerAddressBytes) bytes" }
        guard isAuthority(text[...], needsPort: true) else {
            return "must be host:port with a port from 1 to 65535; an IPv6 address stands in brackets"
        }
        return nil
    }

    /// What is wrong with `https://host:port`; nil: nothing.
    static func faultOfURL(_ text: String) -> String? {
        guard text.utf8.count <= maxURLBytes else { return "must have at most \(maxURLBytes) bytes" }
        guard text.hasPrefix("https://"), isAuthority(text.dropFirst("https://".count), needsPort: false) else {
            return "must be https://host:port, without a path"
        }
        return nil
    }

    private static func isAuthority(_ text: Substring, needsPort: Bool) -> Bool {
        let host: Substring
        var rest: Substring
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return false }
            host = text[text.index(after: text.startIndex)..<close]
            rest = text[text.index(after: close)...]
            guard host.contains(":"), host.utf8.allSatisfy({ isHexadecimal($0) || $0 == 0x3A || $0 == 0x2E }) else {
                return false
            }
        } else {
            let end = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<end]
            rest = text[end...]
            guard host.utf8.count <= 253, host.utf8.allSatisfy({ isOfName($0) }) else { return false }
        }
        guard !host.isEmpty else { return false }
        if rest.isEmpty { return !needsPort }
        guard rest.removeFirst() == ":", let port = QueryParameters.digits(rest) else { return false }
        return (1...65_535).contains(port)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6 }

    /// Letters, digits, hyphens, points; underscores too, which service names of containers have.
    private static func isOfName(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x2D || byte == 0x2E || byte == 0x5F
    }
}
