extension Assessment {
    /// The reasons as a JSON array of objects with "code", "text" and "points", in UTF-8.
    public var reasonsJSON: [UInt8] { Self.encode(reasons) }

    private static func encode(_ reasons: [Reason]) -> [UInt8] {
        var json: [UInt8] = [UInt8(ascii: "[")]
        json.reserveCapacity(reasons.count * 160)
        for (position, reason) in reasons.enumerated() {
            if position > 0 { json.append(UInt8(ascii: ",")) }
            json.append(contentsOf: "{\"code\":".utf8)
            appendString(reason.code, to: &json)
            json.append(contentsOf: ",\"text\":".utf8)
            appendString(reason.text, to: &json)
            json.append(contentsOf: ",\"points\":".utf8)
            json.append(contentsOf: thousandths(reason.points).utf8)
            json.append(UInt8(ascii: "}"))
        }
        json.append(UInt8(ascii: "]"))
        return json
    }

    /// Up to three decimals, without trailing zeros: "0.4", "0", "1".
    private static func thousandths(_ points: Double) -> String {
        let count = Int((min(max(points, 0), 1) * 1000).rounded())
        if count.isMultiple(of: 1000) { return "\(count / 1000)" }
        if count.isMultiple(of: 100) { return "0.\(count / 100)" }
        if count.isMultiple(of: 10) { return count < 100 ? "0.0\(count / 10)" : "0.\(count / 10)" }
        return "0.\(String(1000 + count).dropFirst())"
    }

    private static func appendString(_ string: String, to json: inout [UInt8]) {
        json.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                json.append(UInt8(ascii: "\\"))
                json.append(byte)
            case 0..<0x20:
                json.append(contentsOf: "\\u00".utf8)
                json.append(hexDigits[Int(byte >> 4)])
                json.append(hexDigits[Int(byte & 15)])
            default:
                json.append(byte)
            }
        }
        json.append(UInt8(ascii: "\""))
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}
