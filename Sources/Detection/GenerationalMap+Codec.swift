public import Bytes
import OrderedCollections

extension GenerationalMap {
    /// Both generations, each in the order of its insertions; equal maps give equal bytes.
    ///
    /// - Parameter progress: called after each entry with the bytes that the writer holds.
    public func encode(
        into writer: inout ByteWriter, key: (Key, inout ByteWriter) -> Void, value: (Value, inout ByteWriter) -> Void,
        progress: (Int) -> Void = { _ in }
    ) {
        for generation in [young, old] {
            writer.write(UInt32(generation.count))
            for position in 0..<generation.count {
                let element = generation.elements[position]
                key(element.key, &writer)
                value(element.value, &writer)
                progress(writer.count)
            }
        }
    }

    /// Reads what `encode` wrote, for the same capacity. Each entry takes at least `minimumBytes`.
    public init(
        capacity: Int, from reader: inout ByteReader, entriesOfAtLeast minimumBytes: Int,
        key: (inout ByteReader) throws(MalformedBytes) -> Key, value: (inout ByteReader) throws(MalformedBytes) -> Value
    ) throws(MalformedBytes) {
        var generations: [OrderedDictionary<Key, Value>] = []
        for _ in 0..<2 {
            let start = reader.offset
            let count = try reader.readCount(elementsOfAtLeast: minimumBytes)
            guard count <= capacity / 2 else {
                throw MalformedBytes(offset: start, reason: "\(count) entries, at most \(capacity / 2) configured")
            }
            var generation = OrderedDictionary<Key, Value>(minimumCapacity: count)
            for _ in 0..<count {
                let key = try key(&reader)
                generation.updateValue(try value(&reader), forKey: key)
            }
            guard generation.count == count else {
                throw MalformedBytes(offset: start, reason: "a key appears twice in one generation")
            }
            generations.append(generation)
        }
        guard let map = Self(capacity: capacity, young: generations[0], old: generations[1]) else {
            throw MalformedBytes(offset: reader.offset, reason: "more entries than the capacity")
        }
        self = map
    }
}
