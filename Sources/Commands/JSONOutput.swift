import Foundation
import HTTPSClient
import NIOCore

/// How the commands print what programs read: one JSON object, keys sorted, on standard output.
enum JSONOutput {
    static func print(_ value: some Encodable) throws {
        Swift.print(try text(value))
    }

    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from response: HTTPSResponse) throws -> Value {
        try JSONDecoder().decode(type, from: Data(response.body.readableBytesView))
    }
}

extension Double {
    /// Rounded to so many places, for people and JSON alike.
    func rounded(places: Int) -> Double {
        let scale = pow(10.0, Double(places))
        return (self * scale).rounded() / scale
    }
}
