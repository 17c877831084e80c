public import Detection

/// Countries as ISO 3166-1 alpha-2 names them.
public enum Country {
    /// The country that ends a location: "Berlin, DE" gives DE. Unknown unless the part after the last comma is, but for
    /// spaces around it, an assigned code in capital letters; a location without a comma is one part.
    public static func ofLocation(_ location: some StringProtocol) -> CountryTag {
        var location = String(location)
        return location.withUTF8 { utf8 in
            var part = utf8[...]
            if let comma = part.lastIndex(of: UInt8(ascii: ",")) { part = part[(comma + 1)...] }
            let space = UInt8(ascii: " ")
            while part.first == space { part.removeFirst() }
            while part.last == space { part.removeLast() }
            guard part.count == 2, let first = part.first, let second = part.last else { return .unknown }
            let tag = CountryTag(rawValue: UInt16(first) << 8 | UInt16(second))
            return isAssigned(tag) ? tag : .unknown
        }
    }

    public static func isAssigned(_ tag: CountryTag) -> Bool { assigned.contains(tag) }

    private static let assigned = Set(codes.split(separator: " ").map { CountryTag($0)! })

    private static let codes = """
        AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
        CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO \
        FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE \
        JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
        MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW \
        PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
        TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
        """
}
