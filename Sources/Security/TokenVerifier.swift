import FoundationEssentials
import Glibc
import JWTKit

/// What a token must say besides being signed.
public struct TokenPolicy: Sendable {
    /// Required `iss`; nil: any.
    public var issuer: String?
    /// Required among `aud`; nil: any.
    public var audience: String?
    /// How far the clocks may differ.
    public var leewaySeconds: Int64
    /// How many verified tokens are remembered.
    public var cacheCapacity: Int
    /// How long a verified token is taken without a new check, at most.
    public var cacheSeconds: Int64

    public init(
        issuer: String? = nil, audience: String? = nil, leewaySeconds: Int64 = 30, cacheCapacity: Int = 10_000,
        cacheSeconds: Int64 = 300
    ) {
        self.issuer = issuer
        self.audience = audience
        self.leewaySeconds = leewaySeconds
        self.cacheCapacity = cacheCapacity
        self.cacheSeconds = cacheSeconds
    }
}

/// Checks bearer tokens: JWT signed with HS256 or ES256 (RFC 7519, RFC 8725).
///
/// A token that passed is remembered for a bounded time, because checking one costs more than handling a request does.
/// Failures are never remembered.
public final class TokenVerifier: Sendable {
    public static let maxTokenBytes = 4096
    static let maxSubjectBytes = 256

    private let keys: TokenKeys
    private let policy: TokenPolicy
    private let cache: TokenCache
    private let clock: @Sendable () -> Int64

    /// - Parameter clock: seconds since 1970.
    public init(
        keys: TokenKeys, policy: TokenPolicy = TokenPolicy(),
        clock: @escaping @Sendable () -> Int64 =
            TokenVerifier.wallClockSeconds
    ) {
        self.keys = keys
        self.policy = policy
        self.clock = clock
        cache = TokenCache(capacity: policy.cacheCapacity)
    }

    /// Seconds since 1970 by the clock of the machine.
    @Sendable public static func wallClockSeconds() -> Int64 { Int64(time(nil)) }

    /// How many verified tokens are remembered now.
    public var cachedTokens: Int { cache.count }

    /// The principal of a token that was verified a short while ago; nil says nothing about the token.
    public func cachedPrincipal(bearer token: String) -> Principal? {
        cache.principal(for: token, nowSeconds: clock())
    }

    /// Checks a token, or finds it checked already.
    public func verify(bearer token: String) async throws(TokenError) -> Principal {
        if let principal = cachedPrincipal(bearer: token) { return principal }
        guard token.utf8.count <= Self.maxTokenBytes else { throw .tooLong(limit: Self.maxTokenBytes) }
        let collection = try collection(for: token)
        let claims: TokenClaims
        do {
            claims = try await collection.verify(token, as: TokenClaims.self)
        } catch let error as JWTError where error.errorType == .signatureVerificationFailed {
            throw .signatureInvalid
        } catch let error as JWTError where error.errorType == .malformedToken {
            throw .malformed("its claims are not a JSON object of the expected types")
        } catch {
            // The libraries' other errors all concern the signature's form.
            throw .signatureInvalid
        }
        let now = clock()
        let (principal, expiry) = try check(claims, nowSeconds: now)
        let validUntil = min(expiry, now + policy.cacheSeconds)
        if validUntil > now { cache.insert(principal, for: token, validUntilSeconds: validUntil) }
        return principal
    }

    /// The key to check a token with. The header only chooses among the algorithms that a key is configured for, each
    /// key stands for exactly one, and a critical extension is one we do not know.
    private func collection(for token: String) throws(TokenError) -> JWTKeyCollection {
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed("it does not have three parts") }
        guard let bytes = Base64URL.decode(parts[0]), Base64URL.decode(parts[1]) != nil,
            Base64URL.decode(parts[2]) != nil
        else { throw .malformed("a part of it is not base64url") }
        guard let header = try? JSONDecoder().decode(TokenHeader.self, from: Data(bytes)) else {
            throw .malformed("its header is not a JSON object")
        }
        guard header.crit == nil else { throw .malformed("its header has critical extensions") }
        switch header.alg {
        case "HS256":
            if let hs256 = keys.hs256 { return hs256 }
        case "ES256":
            if let es256 = keys.es256 { return es256 }
        default: break
        }
        throw .algorithmNotAccepted(
            String((header.alg ?? "").unicodeScalars.filter { $0.isASCII }.prefix(16).map(Character.init)))
    }

    private func check(_ claims: TokenClaims, nowSeconds: Int64) throws(TokenError) -> (Principal, expiry: Int64) {
        guard let exp = claims.exp else { throw .missingClaim("exp") }
        guard let expiry = Int64(exactly: exp.rounded(.down)), expiry > 0, expiry < 1 << 53 else {
            throw .invalidClaim(name: "exp", reason: "is not a time")
        }
        guard nowSeconds < expiry + policy.leewaySeconds else { throw .expired }
        if let nbf = claims.nbf, !(nbf <= Double(nowSeconds + policy.leewaySeconds)) { throw .notYetValid }
        if let issuer = policy.issuer {
            guard let iss = claims.iss else { throw .missingClaim("iss") }
            guard iss == issuer else { throw .wrongIssuer }
        }
        if let audience = policy.audience {
            guard let aud = claims.aud else { throw .missingClaim("aud") }
            guard aud.values.contains(audience) else { throw .wrongAudience }
        }
        guard let subject = claims.sub else { throw .missingClaim("sub") }
        guard !subject.isEmpty, subject.utf8.count <= Self.maxSubjectBytes else {
            throw .invalidClaim(name: "sub", reason: "must have 1 to \(Self.maxSubjectBytes) bytes")
        }
        guard let names = claims.roles else { throw .missingClaim("roles") }
        // A role of a later version grants nothing here, and does not spoil the token.
        let principal = Principal(
            subject: subject, roles: Set(names.compactMap(Role.init(rawValue:))),
            validUntilSeconds: expiry + policy.leewaySeconds)
        return (principal, expiry)
    }
}
