import ArgumentParser
import Foundation

/// Reads what a command is to send.
enum InputFile {
    /// - Parameters:
    ///   - path: "-" is standard input.
    ///   - maxBytes: more than this is refused before anything is sent.
    static func bytes(_ path: String, maxBytes: Int) throws -> [UInt8] {
        let handle: FileHandle
        if path == "-" {
            handle = .standardInput
        } else {
            guard let opened = FileHandle(forReadingAtPath: path) else {
                throw ValidationError("\(path) cannot be read: \(String(cString: strerror(errno))).")
            }
            handle = opened
        }
        var bytes: [UInt8] = []
        do {
            while let part = try handle.read(upToCount: 1 << 20), !part.isEmpty {
                bytes.append(contentsOf: part)
                guard bytes.count <= maxBytes else {
                    throw ValidationError("\(path) is larger than \(maxBytes) bytes.")
                }
            }
        } catch let error as ValidationError {
            throw error
        } catch {
            throw ValidationError("\(path) cannot be read: \(error).")
        }
        return bytes
    }

    static func text(_ path: String, maxBytes: Int) throws -> String {
        guard let text = String(validating: try bytes(path, maxBytes: maxBytes), as: UTF8.self) else {
            throw ValidationError("\(path) is not UTF-8.")
        }
        return text
    }
}
