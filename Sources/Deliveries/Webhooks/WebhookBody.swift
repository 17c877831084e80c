/// What is posted: an object whose `type` tells what it is about.
enum WebhookBody {
    /// The alert as it is, with what receivers need to drop what they have, and to tell what is newer.
    static func alert(_ alert: OutgoingAlert) -> [UInt8] {
        var body = Array("{\"type\":\"alert\",\"id\":".utf8)
        append(alert.id, to: &body)
        body += Array(",\"position\":\"\(alert.position)\",\"alert\":".utf8)
        body += alert.document
        body.append(UInt8(ascii: "}"))
        return body
    }

    static func test(_ name: String) -> [UInt8] {
        var body = Array("{\"type\":\"test\",\"webhook\":".utf8)
        append(name, to: &body)
        body.append(UInt8(ascii: "}"))
        return body
    }

    private static func append(_ text: String, to body: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        body.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): body += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: body += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: body.append(byte)
            }
        }
        body.append(UInt8(ascii: "\""))
    }
}
