import Detection
import OrderedCollections

extension DetectionRegistry {
    /// Makes a change, or leaves everything as it was. What it comes to depends on nothing but the content and the
    /// arguments. Whether rules and models can be used at all is looked at before: see `LedgerState.takeChange`.
    mutating func apply(_ change: RegistryChange, author: String, timeMicroseconds: Int64) -> RegistryOutcome {
        let mark = ChangeMark(revision: revision + 1, author: author, timeMicroseconds: timeMicroseconds)
        do throws(RegistryRefusal) {
            guard let version = try make(change, mark) else { return .unchanged(version: unchangedVersion(change)) }
            noteChange()
            return .changed(version: version)
        } catch {
            return .refused(error)
        }
    }

    /// Nil if it is so already.
    private mutating func make(_ change: RegistryChange, _ mark: ChangeMark) throws(RegistryRefusal) -> UInt64? {
        switch change {
        case .putRules(let text, let comment, let restores, let expecting):
            return try putRules(text, comment, restores, expecting, mark)
        case .putList(let name, let kind, let description, let values):
            return try putList(name, kind, description, values, mark)
        case .addToList(let name, let values): return try addToList(name, values, mark)
        case .removeFromList(let name, let keys): return try removeFromList(name, keys, mark)
        case .deleteList(let name):
            guard lists.removeValue(forKey: name) != nil else { return nil }
            _ = try? valueLists.apply(.delete(name: name))
            return mark.revision
        case .putModel(let id, let artifact):
            guard model(id) == nil else { return nil }
            guard models.count < Self.modelsKept else { throw .tooManyModels(limit: Self.modelsKept) }
            models.append(StoredModel(id: id, artifact: artifact, mark: mark))
            return mark.revision
        case .activateModel(let id): return try activate(id, .active, isRollBack: false, mark)
        case .rollBackModel(let id, let from):
            guard activeModel != id else { return nil }
            guard activeModel == from else { throw .modelChanged(active: activeModel) }
            return try activate(id, .active, isRollBack: true, mark)
        case .shadowModel(let id): return try activate(id, .shadow, isRollBack: false, mark)
        case .removeModel(let id):
            guard id != activeModel, id != shadowModel else { throw .modelInUse(id) }
            guard let position = models.firstIndex(where: { $0.id == id }) else { return nil }
            models.remove(at: position)
            return mark.revision
        }
    }

    private func unchangedVersion(_ change: RegistryChange) -> UInt64 {
        switch change {
        case .putRules: activeRules
        case .putList(let name, _, _, _), .addToList(let name, _), .removeFromList(let name, _):
            lists[name]?.mark.revision ?? 0
        case .putModel(let id, _): model(id)?.mark.revision ?? 0
        case .activateModel, .rollBackModel:
            activations.last { $0.role == .active }?.mark.revision ?? 0
        case .shadowModel: activations.last { $0.role == .shadow }?.mark.revision ?? 0
        case .deleteList, .removeModel: 0
        }
    }

    // MARK: Rules

    private mutating func putRules(
        _ text: String, _ comment: String, _ restores: UInt64?, _ expecting: UInt64?, _ mark: ChangeMark
    ) throws(RegistryRefusal) -> UInt64? {
        // A repetition of what was done is no conflict with itself.
        guard text != (activeRulesText ?? RuleProgram.standardText) else { return nil }
        if let expecting, expecting != activeRules { throw .rulesChanged(active: activeRules) }
        let number = activeRules + 1
        rules.append(RuleVersion(number: number, text: text, comment: comment, restores: restores, mark: mark))
        if rules.count > Self.rulesKept { rules.removeFirst() }
        return number
    }

    // MARK: Lists

    private var valueCount: Int { lists.values.reduce(0) { $0 + $1.values.count } }

    private mutating func putList(
        _ name: String, _ kind: ListKind, _ description: String, _ values: [ListedValue], _ mark: ChangeMark
    ) throws(RegistryRefusal) -> UInt64? {
        let before = lists[name]
        if let before, before.kind != kind { throw .listKindDiffers(name: name, kind: before.kind) }
        if before == nil, lists.count >= Self.listsKept { throw .tooManyLists(limit: Self.listsKept) }
        var list = ValueList(kind: kind, description: description, values: [:], mark: mark)
        for value in values where list.values[value.key] == nil {
            // What stays keeps its date.
            list.values[value.key] = before?.values[value.key] ?? ValueList.Value(value: value, mark: mark)
        }
        if let before, before.description == description, before.values.keys == list.values.keys { return nil }
        guard valueCount - (before?.values.count ?? 0) + list.values.count <= Self.valuesKept else {
            throw .tooManyValues(limit: Self.valuesKept)
        }
        try replace(name, by: list)
        return mark.revision
    }

    private mutating func addToList(
        _ name: String, _ values: [ListedValue], _ mark: ChangeMark
    ) throws(RegistryRefusal) -> UInt64? {
        guard var list = lists[name] else { throw .unknownList(name: name) }
        var news: [ListedValue] = []
        for value in values where list.values[value.key] == nil {
            list.values[value.key] = ValueList.Value(value: value, mark: mark)
            news.append(value)
        }
        guard !news.isEmpty else { return nil }
        guard valueCount + news.count <= Self.valuesKept else { throw .tooManyValues(limit: Self.valuesKept) }
        list.mark = mark
        try use { lists throws(ListError) in try lists.apply(.add(keys: news.flatMap(\.keys), to: name)) }
        lists[name] = list
        return mark.revision
    }

    private mutating func removeFromList(
        _ name: String, _ keys: [UInt64], _ mark: ChangeMark
    ) throws(RegistryRefusal) -> UInt64? {
        guard var list = lists[name] else { throw .unknownList(name: name) }
        let removed = Set(keys).filter { list.values[$0] != nil }
        guard !removed.isEmpty else { return nil }
        list.values.removeAll { removed.contains($0.key) }
        list.mark = mark
        // Two values may share a number; so the list is made anew of what is left.
        try replace(name, by: list)
        return mark.revision
    }

    private mutating func replace(_ name: String, by list: ValueList) throws(RegistryRefusal) {
        try use { lists throws(ListError) in
            if lists[name] != nil { try lists.apply(.delete(name: name)) }
            try lists.apply(.create(name: name, kind: list.kind))
            try lists.apply(.add(keys: list.values.values.flatMap(\.value.keys), to: name))
        }
        lists[name] = list
    }

    private mutating func use(
        _ change: (inout ValueLists) throws(ListError) -> Void
    ) throws(RegistryRefusal) {
        let before = valueLists
        do throws(ListError) {
            try change(&valueLists)
        } catch {
            valueLists = before
            throw .unusable(reason: error.description)
        }
    }

    /// What the lists come to for the rules, from the beginning; false if they could not have been made by changes.
    mutating func rebuildValueLists() -> Bool {
        valueLists = ValueLists()
        for (name, list) in lists {
            do throws(RegistryRefusal) { try replace(name, by: list) } catch { return false }
        }
        return true
    }

    // MARK: Models

    private mutating func activate(
        _ id: ModelID?, _ role: ModelRole, isRollBack: Bool, _ mark: ChangeMark
    ) throws(RegistryRefusal) -> UInt64? {
        if let id, model(id) == nil { throw .unknownModel(id) }
        let previous = role == .active ? activeModel : shadowModel
        guard previous != id else { return nil }
        switch role {
        case .active:
            activeModel = id
            note(.active, id, previous, isRollBack: isRollBack, mark)
            // A model does not stand in its own shadow.
            if let id, id == shadowModel {
                shadowModel = nil
                note(.shadow, nil, id, isRollBack: false, mark)
            }
        case .shadow:
            if let id, id == activeModel { throw .modelInUse(id) }
            shadowModel = id
            note(.shadow, id, previous, isRollBack: false, mark)
        }
        return mark.revision
    }

    private mutating func note(
        _ role: ModelRole, _ model: ModelID?, _ previous: ModelID?, isRollBack: Bool, _ mark: ChangeMark
    ) {
        activations.append(
            ModelActivation(role: role, model: model, previous: previous, isRollBack: isRollBack, mark: mark))
        if activations.count > Self.activationsKept { activations.removeFirst() }
    }
}
