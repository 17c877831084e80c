internal import Raft

/// What happened, line by line. The same seed writes the same lines.
package struct Trace: Sendable {
    /// Older lines are dropped beyond this many.
    package var limit: Int
    package private(set) var lines: [String] = []
    /// A hash over all lines, the dropped ones too.
    package private(set) var digest: UInt64 = 0

    package init(limit: Int = 1_000_000) { self.limit = limit }

    mutating func add(_ line: String, at time: Microseconds) {
        let text = Self.stamp(time) + " " + line
        for byte in text.utf8 { digest = Chain.link(digest, UInt64(byte)) }
        lines.append(text)
        if lines.count > 2 * limit { lines.removeFirst(lines.count - limit) }
    }

    private static func stamp(_ time: Microseconds) -> String {
        let micro = String(time % second)
        return String(repeating: " ", count: max(0, 4 - String(time / second).count)) + "\(time / second)."
            + String(repeating: "0", count: 6 - micro.count) + micro
    }
}

/// Messages and events in few words.
enum Words {
    static func of(_ message: Message) -> String {
        "\(message.from)→\(message.to) \(message.term) " + of(message.body)
    }

    private static func of(_ body: Message.Body) -> String {
        switch body {
        case .append(let previous, let term, let entries, let commit, _):
            "append \(entries.isEmpty ? "nothing" : "\(previous.rawValue + 1)...\(previous.rawValue + UInt64(entries.count))")"
                + " after (\(previous), \(term)), commit \(commit)"
        case .appendAccepted(let match): "accepted \(match)"
        case .heartbeat(let commit, let round, _): "heartbeat commit \(commit)\(round == 0 ? "" : " round \(round)")"
        case .heartbeatResponse(let round, _): "heartbeat answer\(round == 0 ? "" : " round \(round)")"
        case .snapshotChunk(let outline, let offset, let count):
            "snapshot \(name(outline.id)) of \(outline.index): bytes \(offset)..<\(offset + count) of \(outline.byteCount)"
        case .snapshotReceived(let id, let through): "snapshot \(name(id)): has \(through) bytes"
        default: "\(body)"
        }
    }

    static func name(_ snapshot: UInt64) -> String { String(snapshot & 0xFFFF, radix: 16) }

    static func of(_ event: Event) -> String {
        switch event {
        case .receive(let message): "← \(of(message))"
        case .persisted(let ticket): "has on disk \(ticket)"
        case .changeMembership(let change, let tag):
            // Not the contacts: a dictionary has another order in every run.
            "is asked for voters \(change.voters), learners \(change.learners) (\(tag))"
        case .snapshotReady(let outline): "has snapshot \(name(outline.id)) of \(outline.index)"
        default: "\(event)"
        }
    }

    static func of(_ status: Status) -> String {
        "is \(status.role) in \(status.term)"
            + (status.established ? ", established" : status.leader.map { ", leader \($0)" } ?? ", no leader")
    }
}
