public import Bytes

extension ValueLists {
    /// Equal lists give equal bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.write(UInt8(lists.count))
        for list in lists {
            writer.writeString(list.name)
            writer.write(list.kind.rawValue)
            writer.write(UInt32(list.keys.count))
            for key in list.keys.sorted() { writer.write(key) }
        }
    }

    /// Reads what `encode` wrote; anything that `apply` could not have made is malformed.
    public init(from reader: inout ByteReader) throws(MalformedBytes) {
        let count = Int(try reader.read(UInt8.self))
        guard count <= Self.maximumLists else {
            throw MalformedBytes(offset: reader.offset, reason: "\(count) lists, at most \(Self.maximumLists)")
        }
        for _ in 0..<count {
            let start = reader.offset
            let list = try Self.list(from: &reader)
            guard lists.last.map({ $0.name < list.name }) ?? true else {
                throw MalformedBytes(offset: start, reason: "lists out of order")
            }
            guard !lists.contains(where: { $0.identifier == list.identifier }) else {
                throw MalformedBytes(offset: start, reason: "two lists of one fingerprint")
            }
            entryCount += list.keys.count
            lists.append(list)
        }
        guard entryCount <= Self.maximumEntries else {
            throw MalformedBytes(offset: reader.offset, reason: "\(entryCount) entries, at most \(Self.maximumEntries)")
        }
    }

    private static func list(from reader: inout ByteReader) throws(MalformedBytes) -> List {
        let start = reader.offset
        let name = try reader.readString()
        guard RuleNames.isValid(name) else { throw MalformedBytes(offset: start, reason: "not the name of a list") }
        guard let kind = ListKind(rawValue: try reader.read(UInt8.self)) else {
            throw MalformedBytes(offset: reader.offset - 1, reason: "not a kind of list")
        }
        let count = try reader.readCount(elementsOfAtLeast: 8)
        guard count <= maximumEntriesPerList else {
            throw MalformedBytes(offset: start, reason: "\(count) entries, at most \(maximumEntriesPerList)")
        }
        var keys = Set<UInt64>(minimumCapacity: count)
        var last: UInt64?
        for _ in 0..<count {
            let key = try reader.read(UInt64.self)
            guard last.map({ $0 < key }) ?? true else {
                throw MalformedBytes(offset: reader.offset - 8, reason: "entries out of order")
            }
            last = key
            keys.insert(key)
        }
        return List(name: name, kind: kind, keys: keys)
    }
}
