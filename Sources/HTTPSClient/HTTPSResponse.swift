import Foundation
package import NIOCore

/// An answer, complete.
package struct HTTPSResponse: Sendable {
    package var status = 0
    package var retryAfterSeconds: Int?
    /// False once the server has said that it closes the connection.
    package var keepsAlive = true
    package var body = ByteBuffer()

    package init() {}

    package var isSuccess: Bool { (200..<300).contains(status) }

    /// The body as text, for messages; at most 2,000 characters.
    package var text: String { String(String(buffer: body).prefix(2_000)) }

    /// The body as a JSON object; nil if it is none.
    package var object: [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(body.readableBytesView))) as? [String: Any]
    }

    /// The `type` of a problem document; nil if it is none.
    package var problemType: String? { object?["type"] as? String }

    /// What a problem document says, with its first few faults, or else the body's first words.
    package var problem: String {
        guard let object else { return text.isEmpty ? "without a body" : text }
        let words = [object["title"], object["detail"]].compactMap { $0 as? String }
        guard !words.isEmpty else { return text }
        let faults = (object["errors"] as? [[String: Any]] ?? []).prefix(3).map { fault in
            let place = [fault["line"].map { "line \($0)" }, fault["field"].map { "\($0)" }].compactMap { $0 }
            return " [\(place.joined(separator: ", ")): \(fault["detail"] ?? "")]"
        }
        return words.joined(separator: ": ") + faults.joined()
    }
}
