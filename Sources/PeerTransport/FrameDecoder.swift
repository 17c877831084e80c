/// Cuts a byte stream into frames: a 32-bit little-endian length, then as many bytes.
///
/// The stream is decrypted straight into the decoder's memory and frames are handed out from it: a small frame is never
/// copied, a frame longer than the memory is copied once, as far as it had come when its length was read.
package final class FrameDecoder {
    /// What the stream says that no peer of ours would say. The stream can't be read any further.
    package struct BadLength: Error, Equatable, CustomStringConvertible {
        package let length: Int
        package let limit: Int

        package var description: String { "a frame of \(length) bytes, where 1 to \(limit) are allowed" }
    }

    package static let headerBytes = 4
    private static let usualBytes = 128 * 1024
    private static let keptBytes = 1 << 20
    /// Below this the rest of a frame is read together with what follows it.
    private static let greedyBytes = 16 * 1024

    /// The longest frame allowed from here on, in bytes.
    package var maxFrameBytes: Int
    private var memory: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0

    package init(maxFrameBytes: Int) {
        self.maxFrameBytes = maxFrameBytes
        memory = .allocate(byteCount: Self.headerBytes + maxFrameBytes.clamped(to: 1...Self.usualBytes), alignment: 16)
    }

    deinit { memory.deallocate() }

    /// Bytes that wait for the rest of their frame.
    package var bufferedBytes: Int { end - start }

    /// Bytes of memory held.
    package var capacity: Int { memory.count }

    /// Free memory for the next bytes of the stream, at least one. What `next` gave out before is gone.
    package func prepare() -> UnsafeMutableRawBufferPointer {
        if start == end {
            start = 0
            end = 0
        }
        let frameBytes = Self.headerBytes + min(length ?? 0, maxFrameBytes)
        if frameBytes > memory.count {
            reallocate(frameBytes)
        } else if start == end, memory.count > Self.keptBytes {
            reallocate(Self.usualBytes)
        } else if start + frameBytes > memory.count || end == memory.count {
            memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<end]))
            end -= start
            start = 0
        }
        let missing = frameBytes - (end - start)
        // A long frame ends where the memory read for it ends: nothing has to be moved behind it.
        let limit = missing > Self.greedyBytes ? end + missing : memory.count
        return UnsafeMutableRawBufferPointer(rebasing: memory[end..<limit])
    }

    /// `count` bytes have been written to the memory that `prepare` gave.
    package func commit(_ count: Int) {
        precondition(count >= 0 && end + count <= memory.count, "more bytes committed than prepared")
        end += count
    }

    /// The next whole frame, borrowed until `prepare` is called; nil if its end has not come yet.
    package func next() throws(BadLength) -> UnsafeRawBufferPointer? {
        guard let length else { return nil }
        guard length >= 1, length <= maxFrameBytes else { throw BadLength(length: length, limit: maxFrameBytes) }
        let first = start + Self.headerBytes
        guard end - first >= length else { return nil }
        start = first + length
        return UnsafeRawBufferPointer(rebasing: memory[first..<first + length])
    }

    /// The length of the frame at the front, once its header is whole.
    private var length: Int? {
        guard end - start >= Self.headerBytes else { return nil }
        return Int(UInt32(littleEndian: memory.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
    }

    private func reallocate(_ bytes: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<end]))
        memory.deallocate()
        memory = larger
        end -= start
        start = 0
    }
}

extension Int {
    fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
