import Bytes
import Pipeline

extension JSONBytes {
    /// Microseconds since 1970 UTC, as RFC 3339 writes them.
    static func append(time microseconds: Int64, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        RFC3339.append(microseconds, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }
}
