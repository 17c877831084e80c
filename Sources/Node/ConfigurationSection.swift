import Yams

/// What is wrong with a configuration file, with the key that it concerns.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    public let file: String
    /// Dotted path, such as `gateway.listen`; empty: the whole file.
    public let key: String
    public let reason: String

    public var description: String {
        key.isEmpty ? "\(file): \(reason)" : "\(file): \(key): \(reason)"
    }
}

/// One mapping of a YAML file. Every key must be asked for: `finish` refuses those that nobody knows, so that a
/// misspelt setting is never silently the default.
struct ConfigurationSection {
    private let file: String
    private let path: String
    private var entries: [String: Any]
    private var unread: Set<String>

    init(file: String, yaml: String) throws {
        let loaded: Any?
        do {
            loaded = try Yams.load(yaml: yaml)
        } catch {
            throw ConfigurationError(file: file, key: "", reason: "not YAML: \(error)")
        }
        try self.init(file: file, path: "", value: loaded as Any)
    }

    private init(file: String, path: String, value: Any) throws {
        guard let mapping = value as? [AnyHashable: Any] else {
            throw ConfigurationError(file: file, key: path, reason: "must be a mapping of keys to values")
        }
        self.file = file
        self.path = path
        entries = [:]
        for (key, value) in mapping { entries["\(key)"] = value }
        unread = Set(entries.keys)
    }

    var keys: [String] { entries.keys.sorted() }
    /// The whole mapping, for a part of the file that has a reader of its own.
    var value: [String: Any] { entries }

    mutating func string(_ key: String) throws -> String {
        guard let value = try optionalString(key) else { throw error(key, "is missing") }
        return value
    }

    mutating func optionalString(_ key: String) throws -> String? {
        guard let value = take(key) else { return nil }
        guard let string = value as? String, !string.isEmpty else {
            throw error(key, "must be a text that is not empty")
        }
        return string
    }

    /// A list of texts, or one text with commas between them; at least one.
    mutating func strings(_ key: String) throws -> [String] {
        guard let value = take(key) else { throw error(key, "is missing") }
        let found: [String]? =
            switch value {
            case let list as [String]: list
            case let text as String:
                text.split(separator: ",", omittingEmptySubsequences: false).map { String($0.trimmingPrefix(" ")) }
            default: nil
            }
        guard let found, !found.isEmpty, !found.contains("") else {
            throw error(key, "must be a list of texts that are not empty")
        }
        return found
    }

    /// A text, a number or a boolean, as it would be written.
    mutating func scalar(_ key: String) throws -> String {
        switch take(key) {
        case let text as String: return text
        case let flag as Bool: return flag ? "true" : "false"
        case let number as Int: return "\(number)"
        case let number as Double: return "\(number)"
        default: throw error(key, "must be a text, a number, true or false")
        }
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int {
        guard let value = try optionalInteger(key, in: range) else { throw error(key, "is missing") }
        return value
    }

    mutating func optionalInteger(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let value = take(key) else { return nil }
        guard let number = value as? Int, range.contains(number) else {
            throw error(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func optionalNumber(_ key: String, in range: ClosedRange<Double>) throws -> Double? {
        guard let value = take(key) else { return nil }
        guard let number = value as? Double ?? (value as? Int).map(Double.init), range.contains(number) else {
            throw error(key, "must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func optionalBoolean(_ key: String) throws -> Bool? {
        guard let value = take(key) else { return nil }
        guard let boolean = value as? Bool else { throw error(key, "must be true or false") }
        return boolean
    }

    mutating func section(_ key: String) throws -> ConfigurationSection {
        guard let section = try optionalSection(key) else { throw error(key, "is missing") }
        return section
    }

    mutating func optionalSection(_ key: String) throws -> ConfigurationSection? {
        guard let value = take(key) else { return nil }
        return try ConfigurationSection(file: file, path: full(key), value: value)
    }

    /// Refuses keys that were not asked for.
    func finish() throws {
        guard let stranger = unread.sorted().first else { return }
        throw error(stranger, "is not a setting that this version knows")
    }

    func error(_ key: String, _ reason: String) -> ConfigurationError {
        ConfigurationError(file: file, key: full(key), reason: reason)
    }

    private func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private mutating func take(_ key: String) -> Any? {
        unread.remove(key)
        return entries[key]
    }
}
