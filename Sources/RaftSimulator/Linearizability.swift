/// Whether the calls on each register can be put in an order that a single register would have answered so, in which no
/// call stands before one that had returned when it was made.
///
/// The search of Wing and Gong (1993) with Lowe's memory of states (2017): registers are independent of each other, so
/// each is searched alone.
package enum Linearizability {
    package enum Verdict: Equatable, Sendable {
        case linearizable
        /// No such order exists: these calls, of one register, can't all be true.
        case violated(key: UInt8, calls: [HistoryEntry])
        /// Given up after `budget` states.
        case undecided(key: UInt8)
    }

    /// - Parameter budget: states that the search of one register may visit.
    package static func check(_ history: [HistoryEntry], budget: Int = 500_000) -> Verdict {
        let keys = Set(history.map(\.key)).sorted()
        var undecided: UInt8?
        for key in keys {
            // A read that never returned binds nobody.
            let calls = history.filter { $0.key == key && !($0.operation == .read && $0.outcome == nil) }
            var search = Search(withoutUnseen(calls))
            switch search.run(budget: budget) {
            case .some(true): break
            case .some(false): return .violated(key: key, calls: calls)
            case .none: undecided = key
            }
        }
        return undecided.map { .undecided(key: $0) } ?? .linearizable
    }

    /// Writes of unknown outcome whose value nobody ever met can only have made a compare-and-set fail. If none failed
    /// they are left out. Else one is as good as the other: they all write the same value here, which is no other's.
    private static func withoutUnseen(_ calls: [HistoryEntry]) -> [HistoryEntry] {
        var met = Set<UInt64>()
        for call in calls {
            if case .value(let value)? = call.outcome { met.insert(value) }
            if case .compareAndSet(let expected, _) = call.operation { met.insert(expected) }
        }
        let isFree = !calls.contains { $0.outcome == .swapped(false) }
        return calls.compactMap { call in
            guard call.outcome == nil else { return call }
            var call = call
            switch call.operation {
            case .put(let value) where !met.contains(value): call.operation = .put(unseenValue)
            case .compareAndSet(let expected, let value) where !met.contains(value):
                call.operation = .compareAndSet(expected: expected, new: unseenValue)
            default: return call
            }
            return isFree ? nil : call
        }
    }

    static let unseenValue = UInt64.max
}

/// Calls and returns of one register in a doubly linked list; a call that is put in the order is lifted out of it.
private struct Search {
    private struct Node {
        var call: Int
        var isReturn: Bool
        var previous: Int
        var next: Int
    }

    private struct State: Hashable {
        var done: [UInt64]
        var value: UInt64
    }

    private let calls: [HistoryEntry]
    private var nodes: [Node] = []
    private var callNode: [Int] = []
    private var returnNode: [Int] = []
    /// The one before it of the writes that nobody met; they are put in the order they were made in, for they are alike.
    private var twin: [Int?] = []

    init(_ calls: [HistoryEntry]) {
        self.calls = calls
        // Node 0 is the head. A return comes before a call of the same moment only if it is of an earlier call.
        var twins: [Int?] = Array(repeating: nil, count: calls.count)
        var order: [(time: Microseconds, isReturn: Bool, call: Int)] = []
        for (position, call) in calls.enumerated() {
            order.append((call.invoked, false, position))
            order.append((call.returned ?? .max, true, position))
        }
        order.sort { ($0.time, $0.isReturn ? 1 : 0, $0.call) < ($1.time, $1.isReturn ? 1 : 0, $1.call) }
        nodes = [Node(call: -1, isReturn: false, previous: -1, next: order.isEmpty ? -1 : 1)]
        callNode = Array(repeating: 0, count: calls.count)
        var last: Int?
        for item in order where !item.isReturn {
            guard case .put(Linearizability.unseenValue) = calls[item.call].operation else { continue }
            twins[item.call] = last
            last = item.call
        }
        twin = twins
        returnNode = callNode
        for (position, item) in order.enumerated() {
            let next = position + 1 == order.count ? -1 : position + 2
            nodes.append(Node(call: item.call, isReturn: item.isReturn, previous: position, next: next))
            if item.isReturn { returnNode[item.call] = position + 1 } else { callNode[item.call] = position + 1 }
        }
    }

    /// nil if it was given up.
    mutating func run(budget: Int) -> Bool? {
        var remaining = calls.count { $0.outcome != nil }
        var value: UInt64 = 0
        var done = [UInt64](repeating: 0, count: (calls.count + 63) / 64)
        var seen = Set<State>()
        var stack: [(call: Int, value: UInt64)] = []
        var visited = 0
        var position = nodes[0].next
        // What never returned may be left out, so the search ends with the last call that did.
        while remaining > 0 {
            let isCandidate = position != -1 && !nodes[position].isReturn
            if isCandidate, isNext(nodes[position].call, done),
                let after = Self.apply(calls[nodes[position].call], to: value)
            {
                let call = nodes[position].call
                done[call / 64] |= 1 << UInt64(call % 64)
                visited += 1
                if seen.insert(State(done: done, value: after)).inserted {
                    guard visited <= budget else { return nil }
                    stack.append((call, value))
                    value = after
                    if calls[call].outcome != nil { remaining -= 1 }
                    lift(call)
                    position = nodes[0].next
                    continue
                }
                done[call / 64] &= ~(1 << UInt64(call % 64))
            }
            if isCandidate {
                position = nodes[position].next
                continue
            }
            // A return whose call is not in the order yet (or the end): the last choice was wrong.
            guard let last = stack.popLast() else { return false }
            value = last.value
            done[last.call / 64] &= ~(1 << UInt64(last.call % 64))
            if calls[last.call].outcome != nil { remaining += 1 }
            unlift(last.call)
            position = nodes[callNode[last.call]].next
        }
        return true
    }

    private func isNext(_ call: Int, _ done: [UInt64]) -> Bool {
        guard let twin = twin[call] else { return true }
        return done[twin / 64] >> UInt64(twin % 64) & 1 == 1
    }

    /// What the register holds after the call; nil if it would not have answered so.
    private static func apply(_ call: HistoryEntry, to value: UInt64) -> UInt64? {
        switch (call.operation, call.outcome) {
        case (.put(let new), _): new
        case (.compareAndSet(let expected, let new), nil): value == expected ? new : nil
        case (.compareAndSet(let expected, let new), .swapped(true)): value == expected ? new : nil
        case (.compareAndSet(let expected, _), .swapped(false)): value == expected ? nil : value
        case (.read, .value(let seen)): value == seen ? value : nil
        default: nil
        }
    }

    private mutating func lift(_ call: Int) {
        for node in [callNode[call], returnNode[call]] {
            nodes[nodes[node].previous].next = nodes[node].next
            if nodes[node].next != -1 { nodes[nodes[node].next].previous = nodes[node].previous }
        }
    }

    private mutating func unlift(_ call: Int) {
        for node in [returnNode[call], callNode[call]] {
            nodes[nodes[node].previous].next = node
            if nodes[node].next != -1 { nodes[nodes[node].next].previous = node }
        }
    }
}
