public import Security

/// Keyed hashes that tell whether two contents are the same.
public enum Fingerprint {
    /// Of one transaction's encoded body, before it is sealed.
    public static func ofBody(_ body: [UInt8], _ blindIndex: BlindIndex) -> UInt64 {
        body.withUnsafeBytes { blindIndex.index($0, in: .content) }
    }

    /// Of a request's content: any bytes that are equal for equal requests.
    public static func ofRequest(_ content: UnsafeRawBufferPointer, _ blindIndex: BlindIndex) -> UInt64 {
        blindIndex.index(content, in: .content)
    }
}
