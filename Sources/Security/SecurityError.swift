/// Why a key or a sealed record cannot be used.
public enum SecurityError: Error, Equatable, Sendable, CustomStringConvertible {
    case keyFileMissing(path: String)
    case keyFileUnreadable(path: String, reason: String)
    /// Others than the owner may read or write the file.
    case keyFileExposed(path: String, mode: UInt32)
    case keyFileWrongLength(path: String, digits: Int)
    case keyFileNotHexadecimal(path: String, position: Int)
    /// The record was sealed with another key.
    case wrongKey(record: KeyID, loaded: KeyID)
    /// Content, associated data or tag are not what was sealed.
    case tampered
    /// Not a sealed record at all.
    case notSealed(reason: String)

    public var description: String {
        switch self {
        case .keyFileMissing(let path):
            "key file \(path) does not exist"
        case .keyFileUnreadable(let path, let reason):
            "key file \(path) cannot be read: \(reason)"
        case .keyFileExposed(let path, let mode):
            "key file \(path) has mode \(String(mode, radix: 8)); only its owner may have access: chmod 600 it"
        case .keyFileWrongLength(let path, let digits):
            "key file \(path) holds \(digits) characters; a key is \(SealingKey.byteCount * 2) hexadecimal digits"
        case .keyFileNotHexadecimal(let path, let position):
            "key file \(path) has a character at position \(position) that is no hexadecimal digit"
        case .wrongKey(let record, let loaded):
            "sealed with key \(record), but the loaded key is \(loaded)"
        case .tampered:
            "the sealed content or its associated data were changed"
        case .notSealed(let reason):
            "not a sealed record: \(reason)"
        }
    }
}
