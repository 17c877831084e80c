/// Names in the rules: of rules, lists and tables of amounts.
package enum RuleNames {
    package static let maximumLength = 64

    /// 1 to 64 of a-z, 0-9 and _, beginning with a letter.
    package static func isValid(_ name: some StringProtocol) -> Bool {
        let letters = name.utf8
        guard 1...maximumLength ~= letters.count, let first = letters.first else { return false }
        return UInt8(ascii: "a")...UInt8(ascii: "z") ~= first
            && letters.allSatisfy {
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                    || $0 == UInt8(ascii: "_")
            }
    }

    /// FNV-1a over the bytes, 64 bits. Source: Fowler, Noll, Vo, "The FNV non-cryptographic hash algorithm".
    package static func fingerprint(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// What was written, fit for an error message: at most 40 characters, none of them a control character.
    package static func excerpt(_ text: some StringProtocol) -> String {
        var kept = ""
        for scalar in text.unicodeScalars.prefix(40) {
            kept.unicodeScalars.append(scalar.properties.generalCategory == .control ? "?" : scalar)
        }
        return text.unicodeScalars.count > 40 ? kept + "…" : kept
    }

    /// The known name nearest to a misspelt one, if it is near enough to be meant. Damerau-Levenshtein distance (optimal string
    /// alignment) of at most a third of the length, and at least 1.
    package static func nearest(to name: some StringProtocol, among known: some Sequence<String>) -> String? {
        let wanted = Array(name.lowercased().utf8.prefix(maximumLength))
        let limit = max(1, wanted.count / 3)
        var best: (name: String, distance: Int)?
        for candidate in known {
            let distance = distance(wanted, Array(candidate.utf8))
            if distance <= limit, distance < (best?.distance ?? Int.max) { best = (candidate, distance) }
        }
        return best?.name
    }

    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            row.reserveCapacity(b.count + 1)
            for j in 0..<b.count {
                var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
