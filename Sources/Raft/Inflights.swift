/// The appends that are on their way to one follower, oldest first, in a ring: bounded in number and in bytes.
package struct Inflights: Equatable, Sendable {
    private struct Append: Equatable, Sendable {
        var last: LogIndex
        var byteCount: Int
    }

    private var ring: [Append] = []
    private var head = 0
    package private(set) var count = 0
    package private(set) var byteCount = 0
    private let maxMessages: Int
    private let maxBytes: Int

    package init(maxMessages: Int, maxBytes: Int) {
        precondition(maxMessages > 0 && maxBytes > 0, "at least one append may be in flight")
        self.maxMessages = maxMessages
        self.maxBytes = maxBytes
    }

    package var isEmpty: Bool { count == 0 }
    /// The append that crosses the bound in bytes is still sent; the one after it waits.
    package var isFull: Bool { count == maxMessages || byteCount >= maxBytes }

    package static func == (left: Inflights, right: Inflights) -> Bool {
        left.count == right.count && left.byteCount == right.byteCount
            && (0..<left.count).allSatisfy { left[$0] == right[$0] }
    }

    /// Notes an append whose last entry is `last`, above that of every append before it.
    package mutating func add(last: LogIndex, byteCount bytes: Int) {
        precondition(!isFull, "an append is sent only while the window is open")
        precondition(isEmpty || self[count - 1].last < last, "appends in flight rise")
        let append = Append(last: last, byteCount: bytes)
        if ring.isEmpty { ring = Array(repeating: append, count: maxMessages) }
        ring[slot(count)] = append
        count += 1
        byteCount += bytes
    }

    /// Frees every append that ends at or before `match`.
    package mutating func free(through match: LogIndex) {
        while count > 0, self[0].last <= match {
            byteCount -= self[0].byteCount
            head = slot(1)
            count -= 1
        }
        if count == 0 {
            precondition(byteCount == 0, "an empty window holds no bytes")
            head = 0
        }
    }

    package mutating func removeAll() {
        head = 0
        count = 0
        byteCount = 0
    }

    private subscript(offset: Int) -> Append { ring[slot(offset)] }
    private func slot(_ offset: Int) -> Int {
        let place = head + offset
        return place < maxMessages ? place : place - maxMessages
    }
}
