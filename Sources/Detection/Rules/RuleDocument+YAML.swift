import Yams

extension RuleDocument {
    /// The root of the one document in `yaml`; nil if it is empty.
    static func parse(_ yaml: String) throws(RuleError) -> Node? {
        guard yaml.utf8.count <= RuleProgram.maximumTextBytes else {
            throw RuleError(
                line: 1, reason: "\(yaml.utf8.count) bytes of rules, at most \(RuleProgram.maximumTextBytes)")
        }
        try refuseAnchors(yaml)
        do {
            // Nothing is resolved: all scalars stay text, so that NO is a country and 1e3 is refused where it stands.
            return try Parser(yaml: yaml, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw Self.error(error)
        } catch {
            throw RuleError(line: 1, reason: "not YAML")
        }
    }

    /// An alias to an alias to an alias grows without bound when it is followed, so anchors are not taken at all.
    private static func refuseAnchors(_ yaml: String) throws(RuleError) {
        var line = 1
        var previous = UInt8(ascii: "\n")
        var isAnchor = false
        for byte in yaml.utf8 {
            if isAnchor, !isSpace(byte), byte != UInt8(ascii: "&") {
                throw RuleError(line: line, reason: "anchors (&name) are not taken; put a space behind &, or write and")
            }
            // YAML knows line breaks and a mark of byte order beyond ASCII: whatever is beyond it counts as a space.
            let canBegin = isSpace(previous) || previous >= 0x80 || "[{,:-?".utf8.contains(previous)
            isAnchor = byte == UInt8(ascii: "&") && canBegin
            if byte == UInt8(ascii: "\n") { line += 1 }
            previous = byte
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func error(_ error: YamlError) -> RuleError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            RuleError(line: max(1, mark.line), column: max(1, mark.column), reason: "not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            RuleError(
                line: max(1, context.mark.line),
                reason: "\(RuleNames.excerpt(duplicates.min() ?? "a name")) is given twice")
        case .reader(let problem, _, _, _): RuleError(line: 1, reason: "not YAML: \(problem)")
        default: RuleError(line: 1, reason: "not YAML")
        }
    }

    // MARK: Nodes

    static func line(_ node: Node) -> Int { max(1, node.mark?.line ?? 1) }

    static func error(_ node: Node, _ reason: String) -> RuleError {
        RuleError(line: line(node), column: node.mark.map { max(1, $0.column) }, reason: reason)
    }

    /// `error` where it stands in the text. In a text of one line that is exact; in a block the line is, if no line was folded.
    static func error(_ scalar: Scalar, _ error: ExpressionError) -> RuleError {
        let start = line(scalar.node)
        guard let node = scalar.node.scalar else { return RuleError(line: start, reason: error.reason) }
        let before = scalar.text.utf8.prefix(error.offset)
        switch node.style {
        case .literal:
            return RuleError(line: start + 1 + before.count { $0 == UInt8(ascii: "\n") }, reason: error.reason)
        case .plain, .singleQuoted, .doubleQuoted, .any:
            guard let column = node.mark?.column, !scalar.text.utf8.contains(UInt8(ascii: "\n")) else { break }
            let quote = node.style == .plain || node.style == .any ? 0 : 1
            let characters = String(decoding: Array(before), as: UTF8.self).unicodeScalars.count
            return RuleError(line: start, column: column + quote + characters, reason: error.reason)
        case .folded: break
        }
        return RuleError(line: start, reason: error.reason)
    }

    static func scalar(_ node: Node, _ what: String) throws(RuleError) -> String {
        guard let scalar = node.scalar else { throw error(node, "\(RuleNames.excerpt(what)) must be a single value") }
        return scalar.string
    }

    /// One line of text without control characters.
    static func text(_ node: Node, _ what: String, atMost limit: Int) throws(RuleError) -> String {
        var text = try scalar(node, what)
        // A block ends with a line break that nobody means.
        if text.last == "\n" { text.removeLast() }
        guard text.utf8.count <= limit else {
            throw error(node, "\(what) has \(text.utf8.count) bytes, at most \(limit)")
        }
        guard !text.unicodeScalars.contains(where: { isUnprintable($0) }) else {
            throw error(node, "\(what) must be one line without control characters")
        }
        return text
    }

    /// Controls, line separators, and the signs that turn the direction of what follows: none has a place in one line of text.
    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    static func number(
        _ node: Node, _ what: String, in range: ClosedRange<Double>
    ) throws(RuleError) -> Double {
        let text = try scalar(node, what)
        let isPlain = text.utf8.allSatisfy {
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "._-".utf8.contains($0)
        }
        guard isPlain, let value = Double(String(text.filter { $0 != "_" })), range.contains(value) else {
            let bounds = "\(RuleText.plain(range.lowerBound)) to \(RuleText.plain(range.upperBound))"
            throw error(
                node, "\(RuleNames.excerpt(what)) must be a number from \(bounds) and is \"\(RuleNames.excerpt(text))\""
            )
        }
        return value
    }

    static func integer(_ node: Node, _ what: String) throws(RuleError) -> Int {
        let text = try scalar(node, what)
        guard let value = Int(text), RuleProgram.priorities.contains(value) else {
            throw error(
                node,
                "\(what) must be a whole number from -1000 to 1000 and is \"\(RuleNames.excerpt(text))\""
            )
        }
        return value
    }

    static func oneOf<Choice>(
        _ choices: [Choice], _ text: String, _ node: Node, _ what: String, name: (Choice) -> String
    ) throws(RuleError) -> Choice {
        if let choice = choices.first(where: { name($0) == text }) { return choice }
        throw error(
            node,
            "\(what) must be one of \(choices.map(name).joined(separator: ", ")) and is \"\(RuleNames.excerpt(text))\"")
    }

    static func checkName(_ name: String, _ node: Node, _ what: String) throws(RuleError) {
        guard RuleNames.isValid(name) else {
            throw error(
                node,
                "the name of \(what) must be 1 to 64 of a-z, 0-9 and _, beginning with a letter, and is \"\(RuleNames.excerpt(name))\""
            )
        }
    }

    /// The pairs of a mapping, in order.
    static func pairs(
        of node: Node, _ what: String, atMost limit: Int
    ) throws(RuleError) -> [(name: String, value: Node)] {
        guard let mapping = node.mapping else { throw error(node, "\(what) must hold pairs of name: value") }
        guard mapping.count <= limit else { throw error(node, "\(mapping.count) entries in \(what), at most \(limit)") }
        var pairs: [(String, Node)] = []
        for (key, value) in mapping { pairs.append((try scalar(key, "a name"), value)) }
        return pairs
    }

    /// The pairs of a mapping whose names are fixed.
    static func fields(of node: Node, known: [String], what: String) throws(RuleError) -> [String: Node] {
        guard let mapping = node.mapping else {
            throw error(node, "\(what) must hold \(known.joined(separator: ", "))")
        }
        var fields: [String: Node] = [:]
        for (key, value) in mapping {
            let name = try scalar(key, "a name")
            guard known.contains(name) else {
                let hint =
                    RuleNames.nearest(to: name, among: known).map { "did you mean \($0)?" }
                    ?? "expected \(known.joined(separator: ", "))"
                throw error(key, "\(what) has no \"\(RuleNames.excerpt(name))\"; \(hint)")
            }
            fields[name] = value
        }
        return fields
    }
}
