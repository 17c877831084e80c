/// Appends fixed-width little-endian numbers and length-prefixed bytes to an array.
public struct ByteWriter: Sendable {
    public private(set) var bytes: [UInt8]

    public init(reservingCapacity capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    public var count: Int { bytes.count }

    @inlinable
    public mutating func write<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { append($0) }
    }

    public mutating func write(_ number: Float) { write(number.bitPattern) }
    public mutating func write(_ number: Double) { write(number.bitPattern) }

    /// Raw bytes, with no length before them.
    public mutating func append(_ raw: UnsafeRawBufferPointer) { bytes.append(contentsOf: raw) }
    public mutating func append(_ raw: [UInt8]) { bytes.append(contentsOf: raw) }
    public mutating func append(_ raw: ArraySlice<UInt8>) { bytes.append(contentsOf: raw) }

    /// A 32-bit length, then the bytes.
    public mutating func writeBlock(_ raw: UnsafeRawBufferPointer) {
        write(UInt32(raw.count))
        append(raw)
    }
    public mutating func writeBlock(_ raw: [UInt8]) { raw.withUnsafeBytes { writeBlock($0) } }

    /// A 16-bit length, then the UTF-8 bytes; at most 65,535 of them.
    public mutating func writeString(_ string: String) {
        var string = string
        string.withUTF8 { utf8 in
            precondition(utf8.count <= Int(UInt16.max), "a string of more than 65,535 bytes has no place in a record")
            write(UInt16(utf8.count))
            append(UnsafeRawBufferPointer(utf8))
        }
    }

    /// Overwrites a number that was written earlier as a placeholder.
    public mutating func overwrite<Number: FixedWidthInteger>(_ number: Number, at offset: Int) {
        precondition(offset >= 0 && offset + MemoryLayout<Number>.size <= bytes.count, "overwrite outside the buffer")
        withUnsafeBytes(of: number.littleEndian) { source in
            bytes.withUnsafeMutableBytes { target in
                UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + source.count]).copyMemory(from: source)
            }
        }
    }

    public mutating func removeAll(keepingCapacity: Bool = true) { bytes.removeAll(keepingCapacity: keepingCapacity) }
}
