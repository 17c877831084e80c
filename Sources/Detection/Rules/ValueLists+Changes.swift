/// One change of the lists, as the replicated log carries it.
public enum ListChange: Sendable, Equatable {
    case create(name: String, kind: ListKind)
    case delete(name: String)
    /// Keys that the list holds already are passed over.
    case add(keys: [UInt64], to: String)
    /// Keys that the list does not hold are passed over.
    case remove(keys: [UInt64], from: String)
}

extension ValueLists {
    /// How to take one change back.
    public struct Undo: Sendable {
        enum Step: Sendable {
            case delete(name: String)
            case insert(List)
            case remove(keys: [UInt64], name: String)
            case add(keys: [UInt64], name: String)
        }

        let step: Step
    }

    /// Makes the change, or throws and leaves everything as it was. Undone in reverse order, changes leave no trace.
    @discardableResult
    public mutating func apply(_ change: ListChange) throws(ListError) -> Undo {
        switch change {
        case .create(let name, let kind): try create(name, kind)
        case .delete(let name): try delete(name)
        case .add(let keys, let name): try add(keys, to: name)
        case .remove(let keys, let name): try remove(keys, from: name)
        }
    }

    /// Takes back the latest change that has not been taken back yet.
    public mutating func undo(_ undo: Undo) {
        switch undo.step {
        case .delete(let name):
            lists.removeAll { $0.name == name }
        case .insert(let list):
            lists.insert(list, at: place(of: list.name))
            entryCount += list.keys.count
        case .remove(let keys, let name):
            guard let position = position(of: name) else { preconditionFailure("an undo out of order") }
            lists[position].keys.subtract(keys)
            entryCount -= keys.count
        case .add(let keys, let name):
            guard let position = position(of: name) else { preconditionFailure("an undo out of order") }
            lists[position].keys.formUnion(keys)
            entryCount += keys.count
        }
    }

    private mutating func create(_ name: String, _ kind: ListKind) throws(ListError) -> Undo {
        guard RuleNames.isValid(name) else { throw .invalidName(name) }
        let list = List(name: name, kind: kind)
        // Two names of one fingerprint would be one list to the rules: the second does not come into being.
        guard !lists.contains(where: { $0.identifier == list.identifier }) else { throw .exists(name) }
        guard lists.count < Self.maximumLists else { throw .tooManyLists }
        lists.insert(list, at: place(of: name))
        return Undo(step: .delete(name: name))
    }

    private mutating func delete(_ name: String) throws(ListError) -> Undo {
        guard let position = position(of: name) else { throw .unknown(name) }
        let list = lists.remove(at: position)
        entryCount -= list.keys.count
        return Undo(step: .insert(list))
    }

    private mutating func add(_ keys: [UInt64], to name: String) throws(ListError) -> Undo {
        guard let position = position(of: name) else { throw .unknown(name) }
        var fresh: [UInt64] = []
        var seen: Set<UInt64> = []
        for key in keys where !lists[position].keys.contains(key) && seen.insert(key).inserted { fresh.append(key) }
        guard lists[position].keys.count + fresh.count <= Self.maximumEntriesPerList else {
            throw .tooManyEntries(list: name)
        }
        guard entryCount + fresh.count <= Self.maximumEntries else { throw .tooManyEntriesInAll }
        lists[position].keys.formUnion(fresh)
        entryCount += fresh.count
        return Undo(step: .remove(keys: fresh, name: name))
    }

    private mutating func remove(_ keys: [UInt64], from name: String) throws(ListError) -> Undo {
        guard let position = position(of: name) else { throw .unknown(name) }
        var removed: [UInt64] = []
        for key in keys where lists[position].keys.remove(key) != nil { removed.append(key) }
        entryCount -= removed.count
        return Undo(step: .add(keys: removed, name: name))
    }

    private func position(of name: String) -> Int? { lists.firstIndex { $0.name == name } }

    private func place(of name: String) -> Int { lists.firstIndex { $0.name > name } ?? lists.count }
}
