/// A key's public name: the first four bytes of a hash of it.
public struct KeyID: Hashable, Sendable, CustomStringConvertible {
    /// The four bytes, the first one highest.
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Eight hexadecimal digits.
    public var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}
