import Bytes
import Detection
import OrderedCollections

extension DetectionRegistry {
    /// Equal content gives equal bytes.
    func encode(into writer: inout ByteWriter) {
        writer.write(revision)
        writer.write(UInt32(rules.count))
        for version in rules {
            writer.write(version.number)
            writer.writeBlock(Array(version.text.utf8))
            writer.writeString(version.comment)
            writer.writeOptional(version.restores)
            version.mark.encode(into: &writer)
        }
        writer.write(UInt32(lists.count))
        for (name, list) in lists {
            writer.writeString(name)
            list.encode(into: &writer)
        }
        writer.write(UInt32(models.count))
        for model in models {
            writer.write(model.id.rawValue)
            writer.writeBlock(model.artifact)
            model.mark.encode(into: &writer)
        }
        writer.writeOptional(activeModel?.rawValue)
        writer.writeOptional(shadowModel?.rawValue)
        writer.write(UInt32(activations.count))
        for activation in activations {
            writer.write(activation.role.rawValue)
            writer.writeOptional(activation.model?.rawValue)
            writer.writeOptional(activation.previous?.rawValue)
            writer.write(UInt8(activation.isRollBack ? 1 : 0))
            activation.mark.encode(into: &writer)
        }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        revision = try reader.read()
        for _ in 0..<(try reader.readCount(Self.rulesKept, elementsOfAtLeast: 32)) {
            let number = try reader.read(UInt64.self)
            let text = try reader.readText(atMost: Self.rulesBytes)
            let comment = try reader.readString()
            let restores = try reader.readOptional()
            rules.append(
                RuleVersion(
                    number: number, text: text, comment: comment, restores: restores,
                    mark: try ChangeMark(from: &reader)))
        }
        for _ in 0..<(try reader.readCount(Self.listsKept, elementsOfAtLeast: 16)) {
            let name = try reader.readString()
            lists[name] = try ValueList(from: &reader)
        }
        for _ in 0..<(try reader.readCount(Self.modelsKept, elementsOfAtLeast: 16)) {
            let id = ModelID(rawValue: try reader.read())
            let artifact = try reader.readArtifact()
            models.append(StoredModel(id: id, artifact: artifact, mark: try ChangeMark(from: &reader)))
        }
        activeModel = try reader.readModelID()
        shadowModel = try reader.readModelID()
        for _ in 0..<(try reader.readCount(Self.activationsKept, elementsOfAtLeast: 20)) {
            let start = reader.offset
            guard let role = ModelRole(rawValue: try reader.read()) else {
                throw MalformedBytes(offset: start, reason: "an unknown role of a model")
            }
            let model = try reader.readModelID()
            let previous = try reader.readModelID()
            let isRollBack = try reader.read(UInt8.self) == 1
            activations.append(
                ModelActivation(
                    role: role, model: model, previous: previous, isRollBack: isRollBack,
                    mark: try ChangeMark(from: &reader)))
        }
        guard rebuildValueLists() else { throw MalformedBytes(offset: reader.offset, reason: "impossible lists") }
    }
}

extension DetectionRegistry.ValueList {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.write(kind.rawValue)
        writer.writeString(description)
        mark.encode(into: &writer)
        writer.write(UInt32(values.count))
        for value in values.values {
            value.value.encode(into: &writer)
            value.mark.encode(into: &writer)
        }
    }

    fileprivate init(from reader: inout ByteReader) throws(MalformedBytes) {
        let kind = try ListKind(from: &reader)
        let description = try reader.readString()
        let mark = try ChangeMark(from: &reader)
        let count = try reader.readCount(
            DetectionRegistry.valuesKept, elementsOfAtLeast: ListedValue.minimumByteCount)
        var values: OrderedDictionary<UInt64, Value> = [:]
        for _ in 0..<count {
            let value = try ListedValue(from: &reader)
            values[value.key] = Value(value: value, mark: try ChangeMark(from: &reader))
        }
        guard values.count == count else { throw MalformedBytes(offset: reader.offset, reason: "a value twice") }
        self.init(kind: kind, description: description, values: values, mark: mark)
    }
}

extension ChangeMark {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.write(revision)
        writer.writeString(author)
        writer.write(timeMicroseconds)
    }

    fileprivate init(from reader: inout ByteReader) throws(MalformedBytes) {
        revision = try reader.read()
        author = try reader.readString()
        timeMicroseconds = try reader.read()
    }
}

extension ByteReader {
    fileprivate mutating func readCount(
        _ limit: Int, elementsOfAtLeast minimumBytes: Int
    ) throws(MalformedBytes) -> Int {
        let count = try readCount(elementsOfAtLeast: minimumBytes)
        guard count <= limit else { throw MalformedBytes(offset: offset, reason: "\(count) of at most \(limit)") }
        return count
    }
}
