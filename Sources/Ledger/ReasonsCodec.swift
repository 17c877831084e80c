import Bytes

/// The reasons' JSON in entries and answers. Most payments fire no rule, so the text for that is one byte.
enum ReasonsCodec {
    private static let inline: UInt8 = 0
    private static let noRuleFired: UInt8 = 1

    /// Part of the log's format: may never change, even when the number of rules does.
    static let noRuleFiredJSON = Array(
        #"[{"code":"no_rule_fired","text":"5 rules checked, none fired","points":0}]"#.utf8)

    static func write(_ reasons: [UInt8], into writer: inout ByteWriter) {
        if reasons == noRuleFiredJSON {
            writer.write(noRuleFired)
        } else {
            writer.write(inline)
            writer.writeBlock(reasons)
        }
    }

    static func read(_ reader: inout ByteReader) throws(MalformedBytes) -> [UInt8] {
        let start = reader.offset
        switch try reader.read(UInt8.self) {
        case inline: return [UInt8](try reader.readBlock())
        case noRuleFired: return noRuleFiredJSON
        default: throw MalformedBytes(offset: start, reason: "unknown reasons")
        }
    }
}
