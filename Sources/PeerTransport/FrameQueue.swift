/// Frames on their way out, given to TLS in pieces the size of its records.
package struct FrameQueue {
    package static let headerBytes = FrameDecoder.headerBytes
    /// The longest plaintext of one TLS record.
    package static let recordBytes = 16 * 1024

    private var frames: [[UInt8]] = []
    /// The first frame that still has bytes to go, and how many of its header and payload are gone.
    private var head = 0
    private var headOffset = 0
    /// Bytes waiting, headers included.
    package private(set) var byteCount = 0

    package init() {}

    package var isEmpty: Bool { byteCount == 0 }

    package mutating func append(_ frame: [UInt8]) {
        precondition(!frame.isEmpty && frame.count <= Int(UInt32.max), "a frame has 1 byte or more")
        frames.append(frame)
        byteCount += Self.headerBytes + frame.count
    }

    package mutating func removeAll() { self = FrameQueue() }

    /// Takes the next bytes, at most one record of them, and gives them to `body`.
    ///
    /// Small frames are gathered in `staging`, which holds one record; the inside of a long one is lent as it lies.
    package mutating func takeRecord<Failure: Error>(
        staging: UnsafeMutableRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(staging.count == Self.recordBytes, "the staging memory holds one record")
        if isEmpty { return }
        let payloadOffset = headOffset - Self.headerBytes
        if payloadOffset >= 0, frames[head].count - payloadOffset >= Self.recordBytes {
            let frame = frames[head]
            advance(Self.recordBytes)
            try frame.lend(payloadOffset..<payloadOffset + Self.recordBytes, to: body)
            return
        }
        var filled = 0
        while filled < staging.count, !isEmpty {
            let room = UnsafeMutableRawBufferPointer(rebasing: staging[filled...])
            filled += headOffset < Self.headerBytes ? copyHeader(into: room) : copyPayload(into: room)
        }
        try body(UnsafeRawBufferPointer(rebasing: staging[..<filled]))
    }

    private mutating func copyHeader(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, Self.headerBytes - headOffset)
        withUnsafeBytes(of: UInt32(frames[head].count).littleEndian) { header in
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: header[headOffset..<headOffset + count]))
        }
        advance(count)
        return count
    }

    private mutating func copyPayload(into room: UnsafeMutableRawBufferPointer) -> Int {
        let offset = headOffset - Self.headerBytes
        let count = min(room.count, frames[head].count - offset)
        frames[head].withUnsafeBytes { payload in
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: payload[offset..<offset + count]))
        }
        advance(count)
        return count
    }

    private mutating func advance(_ count: Int) {
        headOffset += count
        byteCount -= count
        guard headOffset == Self.headerBytes + frames[head].count else { return }
        frames[head] = []
        headOffset = 0
        head += 1
        // Moved only when at least half of the array is spent: constant cost a frame.
        if head == frames.count {
            frames.removeAll(keepingCapacity: frames.capacity <= 1024)
            head = 0
        } else if head >= 64, head * 2 >= frames.count {
            frames.removeFirst(head)
            head = 0
        }
    }
}

extension [UInt8] {
    fileprivate func lend<Failure: Error>(
        _ range: Range<Int>, to body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        try withUnsafeBufferPointer { (bytes) throws(Failure) in
            try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[range])))
        }
    }
}
