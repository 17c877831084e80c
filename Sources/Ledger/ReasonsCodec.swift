import Bytes

/// The reasons' JSON in entries and answers. Most payments fire no rule, so the texts for that are a few bytes.
enum ReasonsCodec {
    private static let inline: UInt8 = 0
    /// As before rules had a language.
    private static let noneOfFive: UInt8 = 1
    /// With the number of rules, 2 bytes.
    private static let noneFired: UInt8 = 2
    /// Likewise, and without a model.
    private static let noneFiredNoModel: UInt8 = 3

    // All texts are part of the log's format: they may never change.

    private static let noneOfFiveJSON = Array(
        #"[{"code":"no_rule_fired","text":"5 rules checked, none fired","points":0}]"#.utf8)
    private static let noModel = Array(
        #"[{"code":"no_model","text":"no model is active: rules alone decided","points":0},"#.utf8)
    private static let model = Array("[".utf8)
    private static let front = Array(#"{"code":"no_rule_fired","text":""#.utf8)
    private static let back = Array(#" rules checked, none fired","points":0}]"#.utf8)

    static func write(_ reasons: [UInt8], into writer: inout ByteWriter) {
        if reasons == noneOfFiveJSON {
            writer.write(noneOfFive)
        } else if let count = count(reasons, after: noModel) {
            writer.write(noneFiredNoModel)
            writer.write(count)
        } else if let count = count(reasons, after: model) {
            writer.write(noneFired)
            writer.write(count)
        } else {
            writer.write(inline)
            writer.writeBlock(reasons)
        }
    }

    static func read(_ reader: inout ByteReader) throws(MalformedBytes) -> [UInt8] {
        let start = reader.offset
        switch try reader.read(UInt8.self) {
        case inline: return [UInt8](try reader.readBlock())
        case noneOfFive: return noneOfFiveJSON
        case noneFired: return model + front + Array("\(try reader.read(UInt16.self))".utf8) + back
        case noneFiredNoModel: return noModel + front + Array("\(try reader.read(UInt16.self))".utf8) + back
        default: throw MalformedBytes(offset: start, reason: "unknown reasons")
        }
    }

    /// The number of rules in the text between the fixed parts; nil if it is another text.
    private static func count(_ reasons: [UInt8], after head: [UInt8]) -> UInt16? {
        let fixed = head.count + front.count + back.count
        guard fixed + 1...fixed + 5 ~= reasons.count, reasons.starts(with: head),
            reasons[head.count...].starts(with: front), reasons.suffix(back.count).elementsEqual(back)
        else { return nil }
        let digits = reasons[(head.count + front.count)..<(reasons.count - back.count)]
        // Only the shortest form of a number reads back as it was.
        guard let count = UInt16(String(decoding: digits, as: UTF8.self)), "\(count)".utf8.elementsEqual(digits) else {
            return nil
        }
        return count
    }
}
