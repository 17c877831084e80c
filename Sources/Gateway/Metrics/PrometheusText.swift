/// The text exposition format, version 0.0.4.
enum PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`; every other character becomes an underscore.
    static func metricName(_ name: String) -> String { identifier(name, colons: true) }

    /// `a="x",b="y"`, by label name; empty without labels.
    static func labels(_ labels: [(String, String)]) -> String {
        labels.map { (identifier($0.0, colons: false), $0.1) }.sorted { $0.0 < $1.0 }
            .map { "\($0.0)=\"\(escaped($0.1, quotes: true))\"" }.joined(separator: ",")
    }

    static func append(_ name: String, _ family: PrometheusRegistry.Family, to text: inout [UInt8]) {
        let series = family.series.sorted { $0.key < $1.key }
        guard let kind = series.first?.value.kind else { return }
        if let help = family.help { line("# HELP \(name) \(escaped(help, quotes: false))", to: &text) }
        line("# TYPE \(name) \(kind.rawValue)", to: &text)
        for (labels, metric) in series {
            switch metric {
            case .counter(let counter): sample(name, labels, counter.value, to: &text)
            case .gauge(let gauge): sample(name, labels, gauge.value, to: &text)
            case .histogram(let histogram): append(name, labels, histogram, to: &text)
            }
        }
    }

    private static func append(
        _ name: String, _ labels: String, _ histogram: PrometheusHistogram, to text: inout [UInt8]
    ) {
        let content = histogram.content
        let prefix = labels.isEmpty ? "" : labels + ","
        var cumulative: UInt64 = 0
        for (place, bound) in histogram.bounds.enumerated() {
            cumulative += content.counts[place]
            sample("\(name)_bucket", "\(prefix)le=\"\(number(bound))\"", Double(cumulative), to: &text)
        }
        cumulative += content.counts[histogram.bounds.count]
        sample("\(name)_bucket", "\(prefix)le=\"+Inf\"", Double(cumulative), to: &text)
        sample("\(name)_sum", labels, content.sum, to: &text)
        sample("\(name)_count", labels, Double(cumulative), to: &text)
    }

    private static func sample(_ name: String, _ labels: String, _ value: Double, to text: inout [UInt8]) {
        line(labels.isEmpty ? "\(name) \(number(value))" : "\(name){\(labels)} \(number(value))", to: &text)
    }

    private static func line(_ line: String, to text: inout [UInt8]) {
        text.append(contentsOf: line.utf8)
        text.append(UInt8(ascii: "\n"))
    }

    /// Whole numbers without a point; the rest as Swift writes them, which Go reads.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if let whole = Int64(exactly: value), abs(whole) < 1 << 53 { return String(whole) }
        return String(value)
    }

    private static func identifier(_ name: String, colons: Bool) -> String {
        var result: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                result.append(byte)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if result.isEmpty { result.append(UInt8(ascii: "_")) }
                result.append(byte)
            case UInt8(ascii: ":") where colons: result.append(byte)
            default: result.append(UInt8(ascii: "_"))
            }
        }
        return result.isEmpty ? "_" : String(decoding: result, as: UTF8.self)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
