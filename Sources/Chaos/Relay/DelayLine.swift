import NIOCore

/// Bytes on their way in one direction: each piece comes out in its turn and not before it is due, and after the last one
/// the end. Times are those of `RunClock.monotonicMicroseconds`.
package struct DelayLine: Sendable {
    /// What comes out: bytes, or the word that no more will come.
    package enum Item: Sendable {
        /// - Parameter isDelayed: they had to wait.
        case bytes(ArraySlice<UInt8>, isDelayed: Bool)
        case end
    }

    private struct Held: Sendable {
        var item: Item
        let dueMicroseconds: Int64
    }

    package let capacityBytes: Int
    package private(set) var heldBytes = 0
    private var items = CircularBuffer<Held>()
    /// When the last of them is due.
    private var lastDueMicroseconds = Int64.min
    /// Up to then the line is taken, where it has a rate.
    private var freeMicroseconds = Int64.min

    /// - Parameter capacityBytes: at least 1.
    package init(capacityBytes: Int) {
        precondition(capacityBytes > 0, "a line holds something")
        self.capacityBytes = capacityBytes
    }

    package var roomBytes: Int { capacityBytes - heldBytes }
    package var isEmpty: Bool { items.isEmpty }
    /// When the next item comes out; nil if there is none.
    package var nextDueMicroseconds: Int64? { items.first?.dueMicroseconds }

    /// There must be room for it.
    package mutating func append(
        _ bytes: ArraySlice<UInt8>, _ settings: RelaySettings, at now: Int64,
        using random: inout some RandomNumberGenerator
    ) {
        precondition(!bytes.isEmpty && bytes.count <= roomBytes, "a piece is put where there is room for it")
        let due = due(bytes.count, settings, now, &random)
        heldBytes += bytes.count
        items.append(Held(item: .bytes(bytes, isDelayed: due > now), dueMicroseconds: due))
    }

    package mutating func appendEnd(
        _ settings: RelaySettings, at now: Int64, using random: inout some RandomNumberGenerator
    ) {
        items.append(Held(item: .end, dueMicroseconds: due(0, settings, now, &random)))
    }

    /// Nil while nothing is due.
    package func next(at now: Int64) -> Item? {
        guard let first = items.first, first.dueMicroseconds <= now else { return nil }
        return first.item
    }

    /// Takes so many bytes off the next piece; the rest of it, if there is one, is still due.
    package mutating func remove(_ count: Int) {
        guard case .bytes(let bytes, let isDelayed) = items.first?.item else {
            preconditionFailure("bytes are taken off a piece")
        }
        heldBytes -= count
        if count == bytes.count {
            items.removeFirst()
        } else {
            items[items.startIndex].item = .bytes(bytes.dropFirst(count), isDelayed: isDelayed)
        }
    }

    package mutating func removeEnd() { items.removeFirst() }

    /// Never before what went in earlier: TCP keeps the order, so that a piece that is quick waits for a slow one.
    private mutating func due(
        _ count: Int, _ settings: RelaySettings, _ now: Int64, _ random: inout some RandomNumberGenerator
    ) -> Int64 {
        var sent = now
        if let rate = settings.kilobitsPerSecond {
            sent = max(now, freeMicroseconds) + Int64(count) * 8_000 / Int64(rate)
            freeMicroseconds = sent
        }
        let jitter = Int64(settings.jitterMilliseconds) * 1_000
        let wait = Int64(settings.delayMilliseconds) * 1_000 + Int64.random(in: -jitter...jitter, using: &random)
        lastDueMicroseconds = max(lastDueMicroseconds, sent + wait)
        return lastDueMicroseconds
    }
}
