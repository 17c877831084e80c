import Foundation

/// A run at a glance: faults as bands, then who led, then every call by its node, then how long payments took.
struct Timeline {
    private static let left = 130.0
    private static let width = 1_040.0
    private static let outcomes: [CallRecord.Outcome: String] = [
        .ok: "#2a9d8f", .refused: "#e9c46a", .unknown: "#d62828",
    ]
    private static let leaders = ["#264653", "#8ab17d", "#e76f51", "#6d597a", "#457b9d"]
    /// More circles than this no browser draws with pleasure.
    private static let maxDots = 20_000

    private let verdict: Verdict
    private let history: RunHistory
    private let end: Double

    init(_ verdict: Verdict, _ history: RunHistory) {
        self.verdict = verdict
        self.history = history
        end = Double(max(1, history.ended))
    }

    func page() -> SVGPage {
        let bands = min(history.faults.count, 40)
        let callsTop = 40 + Double(bands) * 14 + Double(history.nodes.count) * 20
        let latencyTop = callsTop + Double(history.nodes.count) * 40 + 20
        var page = SVGPage(
            title: "\(history.scenario), seed \(history.seed): \(verdict.isPass ? "passed" : "not passed")",
            width: 1_200,
            height: Int(latencyTop) + 190)
        page.paragraph(verdict.line)
        for result in verdict.results {
            page.paragraph(
                "\(result.verdict.rawValue)  \(result.name): \(result.details.prefix(3).joined(separator: "; "))")
        }
        page.paragraph(
            "Calls: green went through, yellow was refused, red nobody knows. Bands: faults; grey: a node was not ready."
        )
        drawAxis(&page, bottom: latencyTop + 165)
        drawFaults(&page, bottom: latencyTop + 160)
        drawLeaders(&page, top: 30 + Double(bands) * 14)
        drawCalls(&page, top: callsTop)
        drawLatency(&page, top: latencyTop)
        return page
    }

    private func x(_ time: Int64) -> Double { Self.left + Double(time) / end * Self.width }

    private func drawAxis(_ page: inout SVGPage, bottom: Double) {
        let seconds = end / 1_000_000
        let step = [1.0, 2, 5, 10, 30, 60, 300, 600].first { seconds / $0 <= 15 } ?? 1_800
        for second in stride(from: 0, through: seconds, by: step) {
            let place = x(Int64(second * 1_000_000))
            page.line(place, 10, place, bottom, stroke: "#eee")
            page.label(place, bottom + 12, "\(Int(second)) s", anchor: "middle")
        }
    }

    private func drawFaults(_ page: inout SVGPage, bottom: Double) {
        for (row, fault) in history.faults.enumerated() {
            let y = 14 + Double(row % 40) * 14
            let begin = x(fault.started)
            page.rectangle(begin, y, x(fault.ended) - begin, bottom - y, fill: "rgba(214,40,40,0.06)")
            page.rectangle(
                begin, y, x(fault.ended) - begin, 11, fill: fault.evidence == nil ? "#bbb" : "#f4a261",
                hint: "\(fault.name): \(fault.evidence ?? "did not bite")")
            page.label(x(fault.ended) + 3, y + 9, fault.name)
        }
    }

    private func drawLeaders(_ page: inout SVGPage, top: Double) {
        for (row, node) in history.nodes.enumerated() {
            let y = top + Double(row) * 20
            page.label(Self.left - 8, y + 11, "node \(node)", anchor: "end")
            let views = history.views.filter { $0.node == node }.sorted { $0.at < $1.at }
            for (view, next) in zip(views, views.dropFirst()) {
                let isLeader = view.leader == node
                let fill = !view.ready ? "#ccc" : isLeader ? Self.leaders[row % Self.leaders.count] : "#eef3f5"
                page.rectangle(
                    x(view.at), y, x(next.at) - x(view.at), 14, fill: fill,
                    hint: isLeader ? "leads, term \(view.term ?? 0)" : "")
            }
        }
    }

    private func drawCalls(_ page: inout SVGPage, top: Double) {
        for (row, node) in history.nodes.enumerated() {
            page.label(Self.left - 8, top + Double(row) * 40 + 20, "calls of \(node)", anchor: "end")
        }
        let share = max(1, history.calls.count / Self.maxDots)
        for (position, call) in history.calls.enumerated() where position % share == 0 || call.outcome != .ok {
            guard let row = history.nodes.firstIndex(of: call.node), let fill = Self.outcomes[call.outcome] else {
                continue
            }
            let y = top + Double(row) * 40 + Double(call.client % 8) * 4
            page.rectangle(x(call.sent), y, x(call.ended) - x(call.sent), 3, fill: fill)
        }
    }

    /// On a scale of powers of ten, 1 ms to 10 s.
    private func drawLatency(_ page: inout SVGPage, top: Double) {
        func y(_ milliseconds: Double) -> Double { top + 150 - log10(min(10_000, max(1, milliseconds))) / 4 * 150 }
        for (milliseconds, words) in [(1.0, "1 ms"), (10, "10 ms"), (100, "100 ms"), (1_000, "1 s"), (10_000, "10 s")] {
            page.line(Self.left, y(milliseconds), Self.left + Self.width, y(milliseconds), stroke: "#ddd")
            page.label(Self.left - 8, y(milliseconds) + 4, words, anchor: "end")
        }
        let payments = history.calls.filter { $0.isPayment && $0.outcome == .ok }
        let share = max(1, payments.count / Self.maxDots)
        for (position, call) in payments.enumerated() where position % share == 0 {
            page.circle(x(call.ended), y(Double(call.ended - call.sent) / 1_000), radius: 1.2, fill: "#2a9d8f")
        }
    }
}
