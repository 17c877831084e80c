/// How far a long step is: a bar that rewrites itself on a terminal, a line every two seconds elsewhere.
package struct ProgressLine {
    private let isTerminal = StandardError.isTerminal
    private let began = ContinuousClock.now
    private var shown: ContinuousClock.Instant?
    private let isQuiet: Bool

    package init(isQuiet: Bool = false) {
        self.isQuiet = isQuiet
    }

    /// Shows it if it is time to; `fraction` nil: how much there is in all is not known.
    mutating func show(fraction: Double?, _ text: String) {
        guard !isQuiet else { return }
        let now = ContinuousClock.now
        let interval: Duration = isTerminal ? .milliseconds(200) : .seconds(2)
        guard now - (shown ?? began) >= interval else { return }
        shown = now
        if isTerminal {
            StandardError.write("\r\u{1B}[K" + bar(fraction) + text)
        } else {
            StandardError.line(percent(fraction) + text)
        }
    }

    /// Clears the bar so that what follows begins on a line of its own.
    func finish() {
        if isTerminal, shown != nil { StandardError.write("\r\u{1B}[K") }
    }

    private func bar(_ fraction: Double?) -> String {
        guard let fraction else { return "" }
        let width = 30
        let full = Int((fraction.clamped(to: 0...1) * Double(width)).rounded(.down))
        return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: width - full) + "] "
            + percent(fraction)
    }

    private func percent(_ fraction: Double?) -> String {
        guard let fraction else { return "" }
        return "\(Int((fraction.clamped(to: 0...1) * 100).rounded(.down)))% "
    }
}
