public import Bytes
import Detection

extension RegistryOutcome {
    fileprivate enum Tag: UInt8 {
        case changed = 0
        case unchanged = 1
        case rulesChanged = 2
        case modelChanged = 3
        case unknownList = 4
        case unknownModel = 5
        case modelInUse = 6
        case tooManyModels = 7
        case tooManyLists = 8
        case tooManyValues = 9
        case listKindDiffers = 10
        case unusable = 11
    }

    /// For the way back to the node that took the change in.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .changed(let version): writer.write(.changed, version)
        case .unchanged(let version): writer.write(.unchanged, version)
        case .refused(.rulesChanged(let active)): writer.write(.rulesChanged, active)
        case .refused(.modelChanged(let active)):
            writer.write(Tag.modelChanged.rawValue)
            writer.writeOptional(active?.rawValue)
        case .refused(.unknownList(let name)):
            writer.write(Tag.unknownList.rawValue)
            writer.writeString(name)
        case .refused(.unknownModel(let id)): writer.write(.unknownModel, id.rawValue)
        case .refused(.modelInUse(let id)): writer.write(.modelInUse, id.rawValue)
        case .refused(.tooManyModels(let limit)): writer.write(.tooManyModels, UInt64(limit))
        case .refused(.tooManyLists(let limit)): writer.write(.tooManyLists, UInt64(limit))
        case .refused(.tooManyValues(let limit)): writer.write(.tooManyValues, UInt64(limit))
        case .refused(.listKindDiffers(let name, let kind)):
            writer.write(Tag.listKindDiffers.rawValue)
            writer.writeString(name)
            writer.write(kind.rawValue)
        case .refused(.unusable(let reason)):
            writer.write(Tag.unusable.rawValue)
            writer.writeBlock(Array(reason.utf8.prefix(DetectionRegistry.rulesBytes)))
        }
    }

    public init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        switch Tag(rawValue: try reader.read()) {
        case .changed: self = .changed(version: try reader.read())
        case .unchanged: self = .unchanged(version: try reader.read())
        case .rulesChanged: self = .refused(.rulesChanged(active: try reader.read()))
        case .modelChanged: self = .refused(.modelChanged(active: try reader.readModelID()))
        case .unknownList: self = .refused(.unknownList(name: try reader.readString()))
        case .unknownModel: self = .refused(.unknownModel(ModelID(rawValue: try reader.read())))
        case .modelInUse: self = .refused(.modelInUse(ModelID(rawValue: try reader.read())))
        case .tooManyModels: self = .refused(.tooManyModels(limit: try reader.readLimit()))
        case .tooManyLists: self = .refused(.tooManyLists(limit: try reader.readLimit()))
        case .tooManyValues: self = .refused(.tooManyValues(limit: try reader.readLimit()))
        case .listKindDiffers:
            let name = try reader.readString()
            self = .refused(.listKindDiffers(name: name, kind: try ListKind(from: &reader)))
        case .unusable:
            self = .refused(.unusable(reason: try reader.readText(atMost: DetectionRegistry.rulesBytes)))
        case nil: throw MalformedBytes(offset: start, reason: "an unknown outcome of a change")
        }
    }
}

extension ByteWriter {
    fileprivate mutating func write(_ tag: RegistryOutcome.Tag, _ number: UInt64) {
        write(tag.rawValue)
        write(number)
    }
}

extension ByteReader {
    fileprivate mutating func readLimit() throws(MalformedBytes) -> Int {
        Int(truncatingIfNeeded: try read(UInt64.self) & 0xFFFF_FFFF)
    }
}
