internal import Glibc

/// An open segment file. It stays readable while anyone holds it, even after it has been unlinked.
package final class SegmentFile: Sendable {
    package let sequence: UInt64
    package let path: String
    package let byteCount: Int
    private let descriptor: Int32
    private let calls: DiskCalls

    /// Takes over the descriptor.
    package init(sequence: UInt64, path: String, byteCount: Int, descriptor: Int32, calls: DiskCalls) {
        self.sequence = sequence
        self.path = path
        self.byteCount = byteCount
        self.descriptor = descriptor
        self.calls = calls
    }

    deinit { calls.close(descriptor) }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(RaftLogError) {
        var written = 0
        while written < bytes.count {
            let count = calls.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[written...]), offset + written)
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(call: "write", file: path, code: errno)
            }
            // A write that takes nothing would loop for ever.
            guard count > 0 else { throw .system(call: "write", file: path, code: ENOSPC) }
            written += count
        }
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(RaftLogError) {
        try write(bytes, count: bytes.count, at: offset)
    }

    private func write(_ bytes: [UInt8], count: Int, at offset: Int) throws(RaftLogError) {
        // Through a result, for `withUnsafeBytes` doesn't pass a typed error on.
        let result = bytes.withUnsafeBytes { raw in
            Result { () throws(RaftLogError) in try write(UnsafeRawBufferPointer(rebasing: raw[..<count]), at: offset) }
        }
        try result.get()
    }

    /// Asks for the space up to `byteCount` at once: laid out together, and a full disk is noticed before time is spent
    /// writing.
    func allocate(_ byteCount: Int) throws(RaftLogError) {
        let code = calls.allocate(descriptor, byteCount)
        guard code == 0 else { throw .system(call: "fallocate", file: path, code: code) }
    }

    /// Zeroes `range`, really writing: fallocate alone would leave the blocks to be converted, which costs a journal
    /// commit in every later fdatasync.
    func writeZeros(_ range: Range<Int>) throws(RaftLogError) {
        let chunk = [UInt8](repeating: 0, count: min(range.count, 256 << 10))
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = min(chunk.count, range.upperBound - offset)
            try write(chunk, count: count, at: offset)
            offset += count
        }
    }

    /// Never called again after it has failed: the kernel may have dropped what it could not write.
    func sync() throws(RaftLogError) {
        guard calls.sync(descriptor) == 0 else { throw .system(call: "fdatasync", file: path, code: errno) }
    }

    /// Fills `target` from `offset`; false if the file ends before.
    func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) throws(RaftLogError) -> Bool {
        var filled = 0
        while filled < target.count {
            let count = calls.read(
                descriptor, UnsafeMutableRawBufferPointer(rebasing: target[filled...]), offset + filled)
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(call: "read", file: path, code: errno)
            }
            if count == 0 { return false }
            filled += count
        }
        return true
    }

    /// The same file, grown: durable zeros up to `byteCount`.
    func grown(to byteCount: Int) throws(RaftLogError) -> SegmentFile {
        precondition(byteCount >= self.byteCount, "a segment only grows")
        let copy = calls.duplicate(descriptor)
        guard copy >= 0 else { throw .system(call: "dup", file: path, code: errno) }
        let file = SegmentFile(sequence: sequence, path: path, byteCount: byteCount, descriptor: copy, calls: calls)
        try file.allocate(byteCount)
        try file.writeZeros(self.byteCount..<byteCount)
        try file.sync()
        return file
    }
}

/// A segment that has its header.
struct Segment: Sendable {
    let file: SegmentFile
    /// Checksum of the header, and start value of every checksum in the segment.
    let seed: UInt32
}

extension Segment {
    /// The smallest segment that holds a record of `span` bytes.
    static func byteCount(forRecordOf span: Int) -> Int {
        (SegmentHeader.blockBytes + span + SegmentHeader.blockBytes - 1) & ~(SegmentHeader.blockBytes - 1)
    }
}
