public import Bytes
import Detection

extension RegistryChange {
    private enum Tag: UInt8 {
        case putRules = 1
        case putList = 2
        case addToList = 3
        case removeFromList = 4
        case deleteList = 5
        case putModel = 6
        case activateModel = 7
        case rollBackModel = 8
        case shadowModel = 9
        case removeModel = 10
    }

    /// Part of the log's format, and of the table of changes.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .putRules(let text, let comment, let restores, let expecting):
            writer.write(Tag.putRules.rawValue)
            writer.writeBlock(Array(text.utf8))
            writer.writeString(comment)
            writer.writeOptional(restores)
            writer.writeOptional(expecting)
        case .putList(let name, let kind, let description, let values):
            writer.write(Tag.putList.rawValue)
            writer.writeString(name)
            writer.write(kind.rawValue)
            writer.writeString(description)
            writer.write(values)
        case .addToList(let name, let values):
            writer.write(Tag.addToList.rawValue)
            writer.writeString(name)
            writer.write(values)
        case .removeFromList(let name, let keys):
            writer.write(Tag.removeFromList.rawValue)
            writer.writeString(name)
            writer.write(UInt32(keys.count))
            for key in keys { writer.write(key) }
        case .deleteList(let name):
            writer.write(Tag.deleteList.rawValue)
            writer.writeString(name)
        case .putModel(let id, let artifact):
            writer.write(Tag.putModel.rawValue)
            writer.write(id.rawValue)
            writer.writeBlock(artifact)
        case .activateModel(let id):
            writer.write(Tag.activateModel.rawValue)
            writer.writeOptional(id?.rawValue)
        case .rollBackModel(let id, let from):
            writer.write(Tag.rollBackModel.rawValue)
            writer.writeOptional(id?.rawValue)
            writer.writeOptional(from?.rawValue)
        case .shadowModel(let id):
            writer.write(Tag.shadowModel.rawValue)
            writer.writeOptional(id?.rawValue)
        case .removeModel(let id):
            writer.write(Tag.removeModel.rawValue)
            writer.write(id.rawValue)
        }
    }

    /// Survives any bytes.
    public init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        switch Tag(rawValue: try reader.read()) {
        case .putRules:
            let text = try reader.readText(atMost: DetectionRegistry.rulesBytes)
            let comment = try reader.readString()
            let restores = try reader.readOptional()
            self = .putRules(text: text, comment: comment, restores: restores, expecting: try reader.readOptional())
        case .putList:
            let name = try reader.readString()
            let kind = try ListKind(from: &reader)
            let description = try reader.readString()
            self = .putList(name: name, kind: kind, description: description, values: try reader.readValues())
        case .addToList:
            let name = try reader.readString()
            self = .addToList(name: name, values: try reader.readValues())
        case .removeFromList:
            let name = try reader.readString()
            let count = try reader.readCount(elementsOfAtLeast: 8)
            var keys: [UInt64] = []
            keys.reserveCapacity(count)
            for _ in 0..<count { keys.append(try reader.read()) }
            self = .removeFromList(name: name, keys: keys)
        case .deleteList: self = .deleteList(name: try reader.readString())
        case .putModel:
            let id = ModelID(rawValue: try reader.read())
            self = .putModel(id: id, artifact: try reader.readArtifact())
        case .activateModel: self = .activateModel(try reader.readModelID())
        case .rollBackModel:
            let id = try reader.readModelID()
            self = .rollBackModel(to: id, from: try reader.readModelID())
        case .shadowModel: self = .shadowModel(try reader.readModelID())
        case .removeModel: self = .removeModel(ModelID(rawValue: try reader.read()))
        case nil: throw MalformedBytes(offset: start, reason: "an unknown change")
        }
    }

    /// About as many as it encodes to.
    public var byteCount: Int {
        switch self {
        case .putRules(let text, let comment, _, _): text.utf8.count + comment.utf8.count + 64
        case .putList(_, _, _, let values), .addToList(_, let values):
            values.reduce(256) { $0 + 32 + $1.sealed.count }
        case .removeFromList(_, let keys): 128 + keys.count * 8
        case .putModel(_, let artifact): artifact.count + 64
        case .deleteList, .activateModel, .rollBackModel, .shadowModel, .removeModel: 128
        }
    }
}

extension ListedValue {
    func encode(into writer: inout ByteWriter) {
        writer.write(key)
        writer.write(UInt8(keys.count))
        for key in keys { writer.write(key) }
        writer.write(UInt16(sealed.count))
        writer.append(sealed)
    }

    static let minimumByteCount = 19

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        key = try reader.read()
        let start = reader.offset
        let count = Int(try reader.read(UInt8.self))
        guard 1...2 ~= count else { throw MalformedBytes(offset: start, reason: "a value of \(count) numbers") }
        var keys: [UInt64] = []
        for _ in 0..<count { keys.append(try reader.read()) }
        self.keys = keys
        let bytes = Int(try reader.read(UInt16.self))
        guard bytes <= Self.maximumSealedBytes else {
            throw MalformedBytes(offset: start, reason: "a value of \(bytes) bytes")
        }
        sealed = [UInt8](try reader.take(bytes))
    }
}

extension ListKind {
    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        let number = try reader.read(UInt8.self)
        guard let kind = ListKind(rawValue: number) else {
            throw MalformedBytes(offset: start, reason: "no kind of list has number \(number)")
        }
        self = kind
    }
}

extension ByteWriter {
    mutating func writeOptional(_ number: UInt64?) {
        write(UInt8(number == nil ? 0 : 1))
        if let number { write(number) }
    }

    fileprivate mutating func write(_ values: [ListedValue]) {
        write(UInt32(values.count))
        for value in values { value.encode(into: &self) }
    }
}

extension ByteReader {
    mutating func readOptional() throws(MalformedBytes) -> UInt64? {
        let start = offset
        switch try read(UInt8.self) {
        case 0: return nil
        case 1: return try read()
        default: throw MalformedBytes(offset: start, reason: "neither there nor not there")
        }
    }

    mutating func readModelID() throws(MalformedBytes) -> ModelID? { try readOptional().map { ModelID(rawValue: $0) } }

    mutating func readText(atMost limit: Int) throws(MalformedBytes) -> String {
        let start = offset
        let bytes = try readBlock()
        guard bytes.count <= limit, let text = String(validating: bytes, as: UTF8.self) else {
            throw MalformedBytes(offset: start, reason: "no text of at most \(limit) bytes")
        }
        return text
    }

    mutating func readArtifact() throws(MalformedBytes) -> [UInt8] {
        let start = offset
        let bytes = try readBlock()
        guard 1...DetectionRegistry.modelBytes ~= bytes.count else {
            throw MalformedBytes(offset: start, reason: "a model of \(bytes.count) bytes")
        }
        return [UInt8](bytes)
    }

    fileprivate mutating func readValues() throws(MalformedBytes) -> [ListedValue] {
        let count = try readCount(elementsOfAtLeast: ListedValue.minimumByteCount)
        var values: [ListedValue] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try ListedValue(from: &self)) }
        return values
    }
}
