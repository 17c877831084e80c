import CRdkafka

/// The library's own settings, rendered from ours. Printing them shows no secret.
public struct KafkaProperties: Equatable, Sendable, CustomStringConvertible {
    enum Value: Equatable, Sendable {
        case plain(String)
        case secret(KafkaSecret)
    }

    private(set) var values: [String: Value] = [:]

    mutating func set(_ name: String, _ value: String) { values[name] = .plain(value) }

    mutating func set(_ name: String, _ value: Int) { set(name, "\(value)") }
    mutating func set(_ name: String, _ value: Bool) { set(name, value ? "true" : "false") }
    mutating func set(_ name: String, secret: KafkaSecret) { values[name] = .secret(secret) }
    mutating func merge(_ other: KafkaProperties) { values.merge(other.values) { _, new in new } }

    /// As it would be written in a file; nil for what is secret or not set.
    public subscript(name: String) -> String? {
        guard case .plain(let value) = values[name] else { return nil }
        return value
    }

    public var names: [String] { values.keys.sorted() }

    public var description: String {
        values.sorted { $0.key < $1.key }
            .map { name, value in
                switch value {
                case .plain(let text): "\(name)=\(text)"
                case .secret: "\(name)=(hidden)"
                }
            }
            .joined(separator: "\n")
    }

    /// Names whose values must not be shown.
    static func isSecret(_ name: String) -> Bool {
        ["password", "secret", "key.pem", "keystore", "jaas", "oauthbearer.config"].contains { name.contains($0) }
    }

    /// A configuration for the library, which the caller hands over to it or destroys.
    func makeConfiguration() throws(KafkaError) -> OpaquePointer {
        guard let configuration = rd_kafka_conf_new() else { throw KafkaError(.fatal, "out of memory") }
        for name in names {
            do throws(KafkaError) {
                try Self.set(name, values[name]!, in: configuration)
            } catch {
                rd_kafka_conf_destroy(configuration)
                throw error
            }
        }
        return configuration
    }

    private static func set(_ name: String, _ value: Value, in configuration: OpaquePointer) throws(KafkaError) {
        let text: String
        let isSecret: Bool
        switch value {
        case .plain(let plain): (text, isSecret) = (plain, false)
        case .secret(let secret): (text, isSecret) = (secret.revealed, true)
        }
        var message = [CChar](repeating: 0, count: 512)
        switch rd_kafka_conf_set(configuration, name, text, &message, message.count) {
        case RD_KAFKA_CONF_OK: return
        case RD_KAFKA_CONF_UNKNOWN: throw .invalid(name, "the library does not know this property")
        default:
            // The library's own message would repeat the value.
            throw .invalid(name, isSecret ? "the value is not valid" : message.text)
        }
    }
}

extension [CChar] {
    /// Up to the terminating zero.
    var text: String { String(decoding: prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) }
}
