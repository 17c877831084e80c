import Glibc

/// The lines of newline-delimited JSON: ended by LF or CR LF, the last one's end optional. Blank lines (spaces and tabs
/// alone count as blank) are passed over, but counted.
struct NewlineDelimited: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private var start = 0
    /// Of the line that came last, counted from 1.
    private var number = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func next() -> (number: Int, line: UnsafeRawBufferPointer)? {
        while start < bytes.count {
            let end =
                memchr(bytes.baseAddress! + start, 0x0A, bytes.count - start)
                .map { UnsafeRawPointer($0) - bytes.baseAddress! } ?? bytes.count
            let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            start = end + 1
            number += 1
            // A CR at the end is white space to JSON, and needs no care.
            if !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return (number, line) }
        }
        return nil
    }
}
