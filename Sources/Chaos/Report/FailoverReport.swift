import Foundation

/// The pauses of all rounds as numbers and as a picture: a dot a round, on a scale of powers of ten.
package struct FailoverReport {
    private let samples: [FailoverSample]

    package init(_ samples: [FailoverSample]) {
        self.samples = samples
    }

    package func write(to directory: String) throws {
        try World.makeDirectory(directory, permissions: 0o755)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(samples).write(to: URL(fileURLWithPath: directory + "/failover.json"))
        try picture().write(to: directory + "/failover.html")
    }

    private func picture() -> SVGPage {
        var page = SVGPage(title: "Pauses when the leader is lost", width: 1_000, height: 40 + samples.count * 50)
        for sample in samples { page.paragraph(sample.line) }
        // From 1 ms to 10 s.
        func x(_ milliseconds: Double) -> Double { 120 + log10(max(1, milliseconds)) / 4 * 860 }
        let bottom = Double(20 + samples.count * 50)
        for power in 0...4 {
            let milliseconds = pow(10, Double(power))
            page.line(x(milliseconds), 10, x(milliseconds), bottom, stroke: "#ddd")
            page.label(
                x(milliseconds), bottom + 14,
                milliseconds < 1_000 ? "\(Int(milliseconds)) ms" : "\(Int(milliseconds / 1_000)) s", anchor: "middle")
        }
        for (row, sample) in samples.enumerated() {
            let y = Double(30 + row * 50)
            page.label(110, y + 10, sample.kind.rawValue, anchor: "end")
            page.line(
                x(sample.kind.limitMilliseconds), y - 12, x(sample.kind.limitMilliseconds), y + 26, stroke: "#c00")
            for (position, pause) in sample.pauses.enumerated() {
                page.circle(x(pause), y + Double(position % 8) * 3 - 6, radius: 2, fill: "#2a6f97")
            }
            page.line(x(sample.quantile(0.5)), y - 10, x(sample.quantile(0.5)), y + 22, stroke: "#333")
        }
        return page
    }
}
