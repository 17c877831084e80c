import CZlib
import Glibc

/// The lines of a file, gzip or plain, read a piece at a time.
package final class GzipLines {
    /// Why a file cannot be read.
    package struct Failure: Error, CustomStringConvertible {
        package let path: String
        package let reason: String

        package init(path: String, reason: String) {
            self.path = path
            self.reason = reason
        }

        package var description: String { "\(path): \(reason)" }
    }

    package static let maxLineBytes = 64 << 10

    package let path: String
    private let file: gzFile
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    private var start = 0
    private var end = 0
    private var hasEnded = false
    /// Counted from 1; the line last given out.
    package private(set) var lineNumber = 0

    package init(path: String) throws(Failure) {
        guard let file = gzopen(path, "rb") else {
            throw Failure(path: path, reason: "cannot be opened: \(String(cString: strerror(errno)))")
        }
        self.file = file
        self.path = path
        gzbuffer(file, 128 << 10)
    }

    deinit {
        gzclose(file)
    }

    /// Bytes of the file itself that have been read.
    package var consumedBytes: Int { max(0, Int(gzoffset(file))) }

    /// Calls with the next line, without its end, which is valid for the call; nil at the end of the file.
    package func next<Value>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Value) throws(Failure) -> Value? {
        while true {
            if let newline = newlineIndex() {
                return try give(upTo: newline, after: newline + 1, body)
            }
            if hasEnded {
                return start < end ? try give(upTo: end, after: end, body) : nil
            }
            try fill()
        }
    }

    private func newlineIndex() -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard start < end, let base = bytes.baseAddress else { return nil }
            guard let found = memchr(base + start, Int32(UInt8(ascii: "\n")), end - start) else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    private func give<Value>(
        upTo lineEnd: Int, after next: Int, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        lineNumber += 1
        let first = start
        start = next
        // The buffer's own closure would lose the type of the error.
        let result: Result<Value, Failure> = buffer.withUnsafeBytes { bytes in
            var last = lineEnd
            if last > first, bytes[last - 1] == UInt8(ascii: "\r") { last -= 1 }
            do throws(Failure) {
                return .success(try body(UnsafeRawBufferPointer(rebasing: bytes[first..<last])))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func fill() throws(Failure) {
        guard end - start <= Self.maxLineBytes else {
            throw Failure(path: path, reason: "line \(lineNumber + 1) is longer than \(Self.maxLineBytes) bytes")
        }
        if start > 0 {
            buffer.withUnsafeMutableBytes { bytes in
                if let base = bytes.baseAddress { memmove(base, base + start, end - start) }
            }
            end -= start
            start = 0
        }
        let room = buffer.count - end
        let count = buffer.withUnsafeMutableBytes { bytes in
            gzread(file, bytes.baseAddress.map { $0 + end }, UInt32(room))
        }
        guard count >= 0 else {
            var code: Int32 = 0
            let reason = gzerror(file, &code).map { String(cString: $0) } ?? "unknown"
            throw Failure(path: path, reason: "damaged gzip data after line \(lineNumber): \(reason)")
        }
        if count == 0 {
            // A cut file reads as an early end; zlib tells it from a true one only when asked.
            var code: Int32 = 0
            _ = gzerror(file, &code)
            guard code == Z_OK || code == Z_STREAM_END else {
                throw Failure(path: path, reason: "the gzip data ends early, after line \(lineNumber)")
            }
            hasEnded = true
        }
        end += Int(count)
    }
}
