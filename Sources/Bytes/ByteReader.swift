/// The bytes end before the value does, or hold what no writer would have written.
public struct MalformedBytes: Error, Equatable, CustomStringConvertible {
    public let offset: Int
    public let reason: String

    public init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    public var description: String { "malformed bytes at offset \(offset): \(reason)" }
}

/// Reads what `ByteWriter` writes. Survives any input: every read checks its bounds first.
///
/// It borrows the memory: use it only inside the `withUnsafeBytes` that gave the pointer.
public struct ByteReader {
    public let bytes: UnsafeRawBufferPointer
    public private(set) var offset = 0

    public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    public var remaining: Int { bytes.count - offset }
    public var isAtEnd: Bool { remaining == 0 }

    @inlinable
    public mutating func read<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws(MalformedBytes)
        -> Number
    {
        let raw = try take(MemoryLayout<Number>.size)
        return Number(littleEndian: raw.loadUnaligned(as: Number.self))
    }

    public mutating func readFloat() throws(MalformedBytes) -> Float { Float(bitPattern: try read(UInt32.self)) }
    public mutating func readDouble() throws(MalformedBytes) -> Double { Double(bitPattern: try read(UInt64.self)) }

    /// The next `count` bytes, as a view into the same memory.
    public mutating func take(_ count: Int) throws(MalformedBytes) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining else {
            throw MalformedBytes(offset: offset, reason: "\(count) bytes wanted, \(remaining) left")
        }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    /// A block as `ByteWriter.writeBlock` writes it.
    public mutating func readBlock() throws(MalformedBytes) -> UnsafeRawBufferPointer {
        try take(Int(try read(UInt32.self)))
    }

    /// A string as `ByteWriter.writeString` writes it; invalid UTF-8 is malformed.
    public mutating func readString() throws(MalformedBytes) -> String {
        let raw = try readStringBytes()
        guard let string = String(validating: raw, as: UTF8.self) else {
            throw MalformedBytes(offset: offset - raw.count, reason: "invalid UTF-8")
        }
        return string
    }

    /// The UTF-8 bytes of a string, unchecked.
    public mutating func readStringBytes() throws(MalformedBytes) -> UnsafeRawBufferPointer {
        try take(Int(try read(UInt16.self)))
    }

    /// A count that each element must back with at least `minimumBytes`, so that a forged count can't reserve memory.
    public mutating func readCount(elementsOfAtLeast minimumBytes: Int) throws(MalformedBytes) -> Int {
        let count = Int(try read(UInt32.self))
        guard count <= remaining / max(1, minimumBytes) else {
            throw MalformedBytes(offset: offset, reason: "\(count) elements don't fit in \(remaining) bytes")
        }
        return count
    }
}
