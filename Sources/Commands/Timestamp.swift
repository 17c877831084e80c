import Pipeline

/// Times as the API and files write them.
enum Timestamp {
    /// RFC 3339 in UTC.
    static func text(atMicroseconds time: Int64) -> String {
        var bytes: [UInt8] = []
        RFC3339.append(time, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
