import Foundation

/// A page with one picture: no scripts, nothing from elsewhere.
struct SVGPage {
    let title: String
    let width: Int
    let height: Int
    private var body = ""
    private var text = ""

    init(title: String, width: Int, height: Int) {
        self.title = title
        self.width = width
        self.height = height
    }

    mutating func paragraph(_ line: String) { text += "<p>\(Self.escape(line))</p>\n" }

    mutating func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: String, hint: String = ""
    ) {
        let hint = hint.isEmpty ? "" : "<title>\(Self.escape(hint))</title>"
        body +=
            "<rect x='\(Self.number(x))' y='\(Self.number(y))' width='\(Self.number(max(0.6, width)))' "
            + "height='\(Self.number(height))' fill='\(fill)'>\(hint)</rect>\n"
    }

    mutating func circle(_ x: Double, _ y: Double, radius: Double, fill: String) {
        body += "<circle cx='\(Self.number(x))' cy='\(Self.number(y))' r='\(radius)' fill='\(fill)'/>\n"
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, stroke: String) {
        body +=
            "<line x1='\(Self.number(x1))' y1='\(Self.number(y1))' x2='\(Self.number(x2))' y2='\(Self.number(y2))' stroke='\(stroke)'/>\n"
    }

    mutating func label(_ x: Double, _ y: Double, _ words: String, anchor: String = "start") {
        body +=
            "<text x='\(Self.number(x))' y='\(Self.number(y))' text-anchor='\(anchor)'>\(Self.escape(words))</text>\n"
    }

    func write(to path: String) throws {
        let page = """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>\(Self.escape(title))</title>
            <style>body{font:14px system-ui,sans-serif;margin:2em;max-width:1200px}svg{width:100%;height:auto}
            text{font:11px system-ui,sans-serif;fill:#333}p{margin:.2em 0}</style></head>
            <body><h1>\(Self.escape(title))</h1>
            \(text)<svg viewBox="0 0 \(width) \(height)" role="img">
            \(body)</svg></body></html>
            """
        try Data(page.utf8).write(to: URL(fileURLWithPath: path))
    }

    static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing(
            "'", with: "&#39;")
    }

    private static func number(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
