import FoundationEssentials
import Glibc

/// Reads the small files that token keys are kept in.
enum TokenKeyFile {
    static let maxBytes = 16_384
    static let minSecretBytes = 32

    /// The content of a key file.
    ///
    /// - Parameter secret: whether the file must be closed to group and others.
    static func read(_ path: String, secret: Bool) throws(TokenError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .key(path: path, reason: "cannot be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .key(path: path, reason: "is not a regular file")
        }
        guard !secret || status.st_mode & 0o077 == 0 else {
            throw .key(path: path, reason: "is open to group or others; its mode must be 0600 or 0400")
        }
        guard status.st_size <= maxBytes else { throw .key(path: path, reason: "is larger than \(maxBytes) bytes") }
        var bytes = [UInt8](repeating: 0, count: maxBytes)
        var count = 0
        while count < maxBytes {
            let got = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + count, maxBytes - count) }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else {
                throw .key(path: path, reason: "cannot be read: \(String(cString: strerror(errno)))")
            }
            if got == 0 { break }
            count += got
        }
        bytes.removeSubrange(count...)
        return bytes
    }

    /// An HS256 secret: the file's bytes without the line end after them, at least 32.
    static func readSecret(_ path: String) throws(TokenError) -> [UInt8] {
        var bytes = try read(path, secret: true)
        while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard bytes.count >= minSecretBytes else {
            throw .key(
                path: path, reason: "holds \(bytes.count) bytes; an HS256 secret needs \(minSecretBytes) or more")
        }
        return bytes
    }

    /// A PEM file as text.
    static func readPEM(_ path: String, secret: Bool) throws(TokenError) -> String {
        let bytes = try read(path, secret: secret)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .key(path: path, reason: "is not text") }
        return text
    }
}
