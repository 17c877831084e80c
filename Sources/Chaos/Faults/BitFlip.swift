import Foundation
import Glibc

/// One bit of a file is another than was written.
package struct BitFlip: Sendable, CustomStringConvertible {
    package let path: String
    /// Of the byte that the bit is in.
    package let offset: Int
    /// What of the file is written, and not only set aside: zeros at its end are empty.
    package let usedBytes: Int

    /// Flips one in the middle half of what is written, in place.
    ///
    /// - Throws: `ChaosError.file` if there is nothing in the file, `ChaosError.system` if it can't be changed.
    package init(in path: String, seed: UInt64) throws {
        let bytes = FileManager.default.contents(atPath: path) ?? Data()
        guard let last = bytes.lastIndex(where: { $0 != 0 }) else { throw ChaosError.file(path, "holds nothing") }
        self.path = path
        usedBytes = last + 1
        var random = SeededRandom(seed: seed)
        offset = Int.random(in: usedBytes / 4..<max(usedBytes / 4 + 1, usedBytes * 3 / 4), using: &random)
        var byte = bytes[offset] ^ 1 << UInt8.random(in: 0..<8, using: &random)
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ChaosError.system("opening \(path)", code: errno) }
        defer { close(descriptor) }
        guard pwrite(descriptor, &byte, 1, off_t(offset)) == 1 else {
            throw ChaosError.system("writing \(path)", code: errno)
        }
    }

    package var fileName: String { (path as NSString).lastPathComponent }
    package var description: String {
        "\(path.split(separator: "/").suffix(2).joined(separator: "/")) at \(offset) of \(usedBytes)"
    }
}
