import DequeModule
package import Ledger

/// What one channel has read and not yet acknowledged. Each user has a lane in which alerts go out one after the other;
/// lanes go side by side. The cursor moves when everything before it is done. A value: no I/O, no clock.
package struct ChannelLanes {
    private struct Entry {
        let position: OutboxPosition
        var isDone = false
    }

    private let parallelism: Int
    private let window: Int
    /// By position, the oldest first.
    private var entries: Deque<Entry> = []
    /// What waits in each lane, behind the one that is under way.
    private var lanes: [UInt64: Deque<OutgoingAlert>] = [:]
    /// Lanes that have an alert and none under way, in the order they came to that.
    private var ready: Deque<UInt64> = []
    package private(set) var running = 0

    package init(parallelism: Int, window: Int) {
        self.parallelism = parallelism
        self.window = window
    }

    /// Alerts that may still be added.
    package var room: Int { window - entries.count }
    /// Alerts that are read and not behind the cursor.
    package var count: Int { entries.count }

    /// Adds alerts, which must come after all that were added before.
    package mutating func add(_ alerts: [OutgoingAlert]) {
        for alert in alerts {
            precondition(entries.last.map { $0.position < alert.position } ?? true, "alerts are read in order")
            entries.append(Entry(position: alert.position))
            if lanes[alert.userKey] == nil {
                lanes[alert.userKey] = [alert]
                ready.append(alert.userKey)
            } else {
                lanes[alert.userKey]!.append(alert)
            }
        }
    }

    /// The next alert that may go out, now under way; nil: none may.
    package mutating func next() -> OutgoingAlert? {
        guard running < parallelism, let key = ready.popFirst() else { return nil }
        running += 1
        return lanes[key]!.popFirst()!
    }

    /// The alert that was under way is delivered or given up. The new cursor, if it has moved.
    package mutating func finish(_ alert: OutgoingAlert) -> OutboxPosition? {
        running -= 1
        if lanes[alert.userKey]!.isEmpty {
            lanes[alert.userKey] = nil
        } else {
            ready.append(alert.userKey)
        }
        entries[place(of: alert.position)].isDone = true
        var cursor: OutboxPosition?
        while let first = entries.first, first.isDone {
            cursor = first.position
            entries.removeFirst()
        }
        return cursor
    }

    private func place(of position: OutboxPosition) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].position < position { low = middle + 1 } else { high = middle }
        }
        precondition(low < entries.count && entries[low].position == position, "the alert was added")
        return low
    }
}
