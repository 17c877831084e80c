import JWTKit

/// The claims of a token as they stand in it. Everything is optional here, so that what is missing is named.
struct TokenClaims: JWTPayload {
    var sub: String?
    var roles: [String]?
    /// Seconds since 1970.
    var exp: Double?
    var nbf: Double?
    var iat: Double?
    var iss: String?
    var aud: Audience?

    /// One audience, or several.
    struct Audience: Codable, Sendable {
        let values: [String]

        init(_ values: [String]) { self.values = values }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let one = try? container.decode(String.self) {
                values = [one]
            } else {
                values = try container.decode([String].self)
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            if values.count == 1 { try container.encode(values[0]) } else { try container.encode(values) }
        }
    }

    /// The verifier checks the claims itself, against its own clock and configuration.
    func verify(using algorithm: some JWTAlgorithm) async throws {}
}

/// The header fields that decide how a token is checked.
struct TokenHeader: Decodable {
    var alg: String?
    var crit: [String]?
}
