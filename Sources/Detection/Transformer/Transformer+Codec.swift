public import Bytes

extension Transformer {
    /// A transformer's shape, the fields it reads, and its parameters as 32-bit floats.
    public func encode(into writer: inout ByteWriter) {
        writer.write(Self.formatVersion)
        writer.write(UInt8(configuration.width))
        writer.write(UInt8(configuration.blocks))
        writer.write(UInt16(configuration.feedForward))
        writer.write(configuration.readFields)
        writer.write(configuration.absentFields)
        for field in 0..<Configuration.fields { writer.write(configuration.factors[field]) }
        writer.write(UInt32(parameters.count))
        for parameter in parameters { writer.write(parameter) }
    }

    /// Survives any bytes: a shape beyond the limits, a wrong count and a number that is not finite are malformed.
    public init(from reader: inout ByteReader) throws(MalformedBytes) {
        let offset = reader.offset
        func malformed(_ reason: String) -> MalformedBytes { MalformedBytes(offset: offset, reason: reason) }
        let version = try reader.read(UInt8.self)
        guard version == Self.formatVersion else { throw malformed("transformer of unknown format \(version)") }
        var configuration = Configuration()
        configuration.width = Int(try reader.read(UInt8.self))
        configuration.blocks = Int(try reader.read(UInt8.self))
        configuration.feedForward = Int(try reader.read(UInt16.self))
        configuration.readFields = try reader.read()
        configuration.absentFields = try reader.read()
        for field in 0..<Configuration.fields { configuration.factors[field] = try reader.read() }
        guard configuration.isValid else { throw malformed("transformer's shape is beyond its limits") }
        let count = try reader.readCount(elementsOfAtLeast: 4)
        guard count == TransformerLayout(configuration).count else {
            throw malformed("\(count) parameters are not those of the transformer's shape")
        }
        var parameters: [Float] = []
        parameters.reserveCapacity(count)
        for _ in 0..<count {
            let parameter = try reader.readFloat()
            guard abs(parameter) < 1e4 else { throw malformed("transformer's parameter is beyond 10,000") }
            parameters.append(parameter)
        }
        self.init(configuration: configuration, parameters: parameters)
    }

    private static let formatVersion: UInt8 = 1
}
