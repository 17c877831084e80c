import Glibc

/// The cluster's master key: 32 secret bytes, from which all others are derived.
public struct SealingKey: Sendable, CustomStringConvertible {
    public static let byteCount = 32

    let bytes: [UInt8]
    public let keyID: KeyID

    /// `bytes` must be 32.
    public init(bytes: [UInt8]) {
        precondition(bytes.count == Self.byteCount, "a sealing key has 32 bytes")
        self.bytes = bytes
        let hash = SHA256Digest(of: Array("redoubt key id".utf8) + bytes).bytes
        keyID = KeyID(rawValue: hash.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
    }

    /// Reads 64 hexadecimal digits, and a newline after them or none, from a file that its owner alone may use.
    public static func load(path: String) throws(SecurityError) -> SealingKey {
        var text = try readPrivateFile(path)
        if text.last == UInt8(ascii: "\n") { text.removeLast() }
        guard text.count == byteCount * 2 else {
            throw .keyFileWrongLength(path: path, digits: text.count)
        }
        var bytes: [UInt8] = []
        for position in stride(from: 0, to: text.count, by: 2) {
            guard let high = hexValue(text[position]) else {
                throw .keyFileNotHexadecimal(path: path, position: position)
            }
            guard let low = hexValue(text[position + 1]) else {
                throw .keyFileNotHexadecimal(path: path, position: position + 1)
            }
            bytes.append(high << 4 | low)
        }
        return SealingKey(bytes: bytes)
    }

    /// The name only, so that a key printed by mistake stays secret.
    public var description: String { "sealing key \(keyID)" }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        Character(Unicode.Scalar(digit)).hexDigitValue.map { UInt8($0) }
    }

    private static func readPrivateFile(_ path: String) throws(SecurityError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .keyFileMissing(path: path) : .keyFileUnreadable(path: path, reason: failure())
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .keyFileUnreadable(path: path, reason: failure()) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .keyFileUnreadable(path: path, reason: "not a regular file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .keyFileExposed(path: path, mode: status.st_mode & 0o7777)
        }
        guard status.st_size <= 4096 else { throw .keyFileWrongLength(path: path, digits: Int(status.st_size)) }
        var text = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < text.count {
            let count = text.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + filled, $0.count - filled) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .keyFileUnreadable(path: path, reason: failure()) }
            if count == 0 { break }
            filled += count
        }
        return Array(text.prefix(filled))
    }

    private static func failure() -> String { String(cString: strerror(errno)) }
}
