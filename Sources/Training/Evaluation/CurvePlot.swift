/// Curves of engines as an SVG picture: precision over recall, and frauds found over false alarms. Plain text, no fonts or
/// scripts, readable on light and dark grounds.
public struct CurvePlot: Sendable {
    public struct Series: Sendable {
        public let name: String
        public let ranking: Ranking

        public init(name: String, ranking: Ranking) {
            self.name = name
            self.ranking = ranking
        }
    }

    private let title: String
    private let series: [Series]

    public init(title: String, series: [Series]) {
        self.title = title
        self.series = series
    }

    private static let colours = ["#7f7f7f", "#e08a1e", "#3c8dbc", "#8e5bb5", "#c0392b", "#2e8b57"]
    private static let side = 320.0

    public var svg: String {
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 430\" font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"800\" height=\"430\" fill=\"#ffffff\"/>",
            "<text x=\"50\" y=\"22\" font-size=\"14\">\(Self.escaped(title))</text>",
        ]
        lines += panel(left: 50, x: "recall", y: "precision") { Self.precisionRecall($0.ranking) }
        lines += panel(left: 440, x: "share of genuine payments above", y: "recall") { Self.rocCurve($0.ranking) }
        for (position, series) in series.enumerated() {
            let x = 50 + position % 5 * 155
            lines.append(
                "<rect x=\"\(x)\" y=\"408\" width=\"14\" height=\"4\" fill=\"\(Self.colour(position))\"/>"
                    + "<text x=\"\(x + 19)\" y=\"414\" font-size=\"11\">\(Self.escaped(series.name))</text>")
        }
        lines.append("</svg>")
        return lines.joined(separator: "\n") + "\n"
    }

    private func panel(left: Double, x: String, y: String, curve: (Series) -> [(Double, Double)]) -> [String] {
        let side = Self.side
        let top = 40.0
        var lines: [String] = []
        for tick in 0...4 {
            let share = Double(tick) / 4
            let across = left + share * side
            let down = top + (1 - share) * side
            lines.append(
                "<path d=\"M\(Self.number(across)) \(Self.number(top))v\(Self.number(side))M\(Self.number(left)) "
                    + "\(Self.number(down))h\(Self.number(side))\" stroke=\"#dddddd\" fill=\"none\"/>")
            lines.append(
                "<text x=\"\(Self.number(across))\" y=\"\(Self.number(top + side + 15))\" text-anchor=\"middle\">"
                    + "\(share)</text><text x=\"\(Self.number(left - 5))\" y=\"\(Self.number(down + 4))\" "
                    + "text-anchor=\"end\">\(share)</text>")
        }
        lines.append(
            "<text x=\"\(Self.number(left + side / 2))\" y=\"\(Self.number(top + side + 32))\" "
                + "text-anchor=\"middle\">\(x)</text><text x=\"\(Self.number(left + 6))\" y=\"\(Self.number(top + 14))\">"
                + "\(y)</text>")
        for (position, series) in series.enumerated() {
            let points = Self.thinned(curve(series)).map {
                "\(Self.number(left + $0.0 * side)),\(Self.number(top + (1 - $0.1) * side))"
            }
            lines.append(
                "<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\" stroke=\"\(Self.colour(position))\" "
                    + "stroke-width=\"1.6\"/>")
        }
        return lines
    }

    static func precisionRecall(_ ranking: Ranking) -> [(Double, Double)] {
        let frauds = Double(max(1, ranking.frauds))
        return ranking.points.map { (Double($0.frauds) / frauds, Double($0.frauds) / Double($0.frauds + $0.genuine)) }
    }

    static func rocCurve(_ ranking: Ranking) -> [(Double, Double)] {
        let frauds = Double(max(1, ranking.frauds))
        let genuine = Double(max(1, ranking.genuine))
        return [(0, 0)] + ranking.points.map { (Double($0.genuine) / genuine, Double($0.frauds) / frauds) }
    }

    /// Points that lie less than a pixel from the last one are left out; the last one stays.
    private static func thinned(_ points: [(Double, Double)]) -> [(Double, Double)] {
        var kept: [(Double, Double)] = []
        for point in points {
            if let last = kept.last, abs(point.0 - last.0) < 0.004, abs(point.1 - last.1) < 0.004 { continue }
            kept.append(point)
        }
        if let last = points.last { kept.append(last) }
        return kept
    }

    private static func colour(_ position: Int) -> String { colours[position % colours.count] }

    private static func number(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "&", omittingEmptySubsequences: false).joined(separator: "&amp;")
            .split(separator: "<", omittingEmptySubsequences: false).joined(separator: "&lt;")
    }
}
