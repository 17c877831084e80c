import Foundation
import Training

/// Text written line by line, to a file or to standard output.
struct LineFile {
    private let handle: FileHandle
    private let isOwned: Bool
    private var buffer: [UInt8] = []

    /// Replaces a file that is there; nil is standard output.
    init(path: String?) throws {
        guard let path else {
            handle = .standardOutput
            isOwned = false
            return
        }
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else { throw TrainingError("\(path): cannot be written") }
        handle = file
        isOwned = true
    }

    mutating func write(_ line: String) throws {
        buffer.append(contentsOf: line.utf8)
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= 1 << 16 { try flush() }
    }

    mutating func close() throws {
        try flush()
        if isOwned { try handle.close() }
    }

    private mutating func flush() throws {
        try handle.write(contentsOf: Data(buffer))
        buffer.removeAll(keepingCapacity: true)
    }
}
