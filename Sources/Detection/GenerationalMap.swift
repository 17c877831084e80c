public import OrderedCollections

/// A bounded dictionary whose evictions depend on nothing but the sequence of its writes, so that equal writes leave
/// equal content on every node.
///
/// Entries live in two generations. A write puts its entry into the young one (also when the old one holds the key: the
/// old value is then shadowed). When the young one is full, the old one is dropped, the young one takes its place, and a
/// new young one begins. So an entry survives at least `generationCapacity` further insertions; reading does not prolong
/// its life.
///
/// `set` returns how to undo it. Undoing in reverse order restores exactly what was, also across a rotation. A copy of the
/// map shares its storage until one of the two is written to; the undo of a rotation keeps the dropped generation alive,
/// but never one that is written to, so keeping undos costs memory and no copying.
public struct GenerationalMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    // Inlinable throughout: other modules use it with keys and values of their own in their innermost loop.
    @usableFromInline package var young: OrderedDictionary<Key, Value>
    @usableFromInline package var old: OrderedDictionary<Key, Value>
    /// Entries in one generation; the map holds at most twice as many.
    public let generationCapacity: Int

    /// How to undo one `set`.
    public enum Undo: Sendable {
        case inserted
        case replaced(position: Int, previous: Value)
        case rotated(dropped: OrderedDictionary<Key, Value>)

        /// The write dropped the old generation, if there was anything in it.
        @inlinable
        public var isRotation: Bool {
            if case .rotated = self { true } else { false }
        }
    }

    /// Holds at most `capacity` entries, which must be at least 2; an odd one is rounded down.
    @inlinable
    public init(capacity: Int) {
        precondition(capacity >= 2, "a generation holds at least one entry")
        generationCapacity = capacity / 2
        young = [:]
        old = [:]
    }

    /// Entries held, those shadowed by a younger one included.
    @inlinable
    public var count: Int { young.count + old.count }

    @inlinable
    public subscript(key: Key) -> Value? { young[key] ?? old[key] }

    /// Amortised O(1).
    @inlinable
    public mutating func set(_ key: Key, _ value: Value) -> Undo {
        if let position = young.index(forKey: key) {
            let previous = young.elements[position].value
            young.values[position] = value
            return .replaced(position: position, previous: previous)
        }
        guard young.count == generationCapacity else {
            young.updateValue(value, forKey: key)
            return .inserted
        }
        let dropped = old
        rotate()
        young.updateValue(value, forKey: key)
        return .rotated(dropped: dropped)
    }

    /// As `set` of the current value (or `initial`) after `body` changed it, but in place and without a way back.
    @inlinable
    public mutating func update(_ key: Key, default initial: @autoclosure () -> Value, _ body: (inout Value) -> Void) {
        if let position = young.index(forKey: key) {
            body(&young.values[position])
            return
        }
        var value = old[key] ?? initial()
        body(&value)
        if young.count == generationCapacity { rotate() }
        young.updateValue(value, forKey: key)
    }

    /// Takes back the latest `set` that has not been taken back yet; `undo` is what that `set` returned.
    @inlinable
    public mutating func undo(_ undo: Undo) {
        switch undo {
        case .inserted:
            precondition(!young.isEmpty, "an undo out of order")
            young.removeLast()
        case .replaced(let position, let previous):
            precondition(position < young.count, "an undo out of order")
            young.values[position] = previous
        case .rotated(let dropped):
            precondition(young.count == 1, "an undo out of order")
            young = old
            old = dropped
        }
    }

    /// Rebuilds a map from what `young` and `old` once held, in their orders. Nil if a generation is too large.
    package init?(capacity: Int, young: OrderedDictionary<Key, Value>, old: OrderedDictionary<Key, Value>) {
        self.init(capacity: capacity)
        guard max(young.count, old.count) <= generationCapacity else { return nil }
        self.young = young
        self.old = old
    }

    @inlinable
    mutating func rotate() {
        old = young
        young = [:]
        // It will fill as the last one did; growing step by step would stall the writer at each doubling.
        young.reserveCapacity(generationCapacity)
    }
}
