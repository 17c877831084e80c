import COpenSSL
import Security
import Testing

@Suite struct HashTests {
    @Test func sipHashAgreesWithItsAuthorsVectors() {
        let hash = SipHash(key: Array(0..<16))
        #expect(hash.hash64([]) == 0x726F_DB47_DD0E_0E31)
        #expect(hash.hash64(Array(0..<15)) == 0xA129_CA61_49BE_45E5)
    }

    @Test(arguments: [8, 16])
    func sipHashAgreesWithOpenSSL(size: Int) throws {
        var random = SystemRandomNumberGenerator()
        for count in 0..<80 {
            let key = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
            let message = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let theirs = try openSSLSipHash(key, message, size)
            let hash = SipHash(key: key)
            if size == 8 {
                let ours = hash.hash64(message)
                #expect(withUnsafeBytes(of: ours.littleEndian) { Array($0) } == theirs, "\(count) bytes")
            } else {
                let ours = message.withUnsafeBytes { hash.hash128($0) }
                #expect(withUnsafeBytes(of: ours.littleEndian) { Array($0) } == theirs, "\(count) bytes")
            }
        }
    }

    @Test func derivedKeysAgreeWithTheStandardsVector() {
        // RFC 5869, appendix A.3: the first 32 bytes of its output.
        let derived = KeyDerivation.derive(from: [UInt8](repeating: 0x0B, count: 22), salt: [], info: "")
        #expect(hexadecimal(derived) == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d")
    }

    @Test func sha256AgreesWithTheStandardsVector() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(SHA256Digest(of: Array("abc".utf8)).description == expected)
        let stream = SHA256Stream()
        for part in ["a", "", "bc"] { stream.update(Array(part.utf8)) }
        #expect(stream.finish().description == expected)
        #expect(Array("abc".utf8).withUnsafeBytes { SHA256Digest(of: $0) }.description == expected)
        #expect(SHA256Digest(of: []).description.hasPrefix("e3b0c44298fc1c14"))
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func openSSLSipHash(_ key: [UInt8], _ message: [UInt8], _ size: Int) throws -> [UInt8] {
        let mac = try #require(EVP_MAC_fetch(nil, "SIPHASH", nil))
        defer { EVP_MAC_free(mac) }
        let context = try #require(EVP_MAC_CTX_new(mac))
        defer { EVP_MAC_CTX_free(context) }
        var width = size
        let parameters = [OSSL_PARAM_construct_size_t("size", &width), OSSL_PARAM_construct_end()]
        try #require(EVP_MAC_init(context, key, key.count, parameters) == 1)
        try #require(EVP_MAC_update(context, message, message.count) == 1)
        var result = [UInt8](repeating: 0, count: size)
        var count = 0
        try #require(EVP_MAC_final(context, &result, &count, size) == 1)
        return result
    }
}

extension SipHash {
    fileprivate func hash64(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { hash64($0) } }
}

@Suite struct BlindIndexTests {
    let index = BlindIndex(key: SealingKey(bytes: Array(0..<32)))

    @Test func equalStringsGiveEqualNumbersOnEveryNode() {
        let other = BlindIndex(key: SealingKey(bytes: Array(0..<32)))
        for domain in BlindIndex.Domain.allCases {
            #expect(index.index("alice", in: domain) == other.index("alice", in: domain))
            #expect(index.index128("alice", in: domain) == other.index128("alice", in: domain))
        }
    }

    @Test func domainsStringsAndKeysGiveDifferentNumbers() {
        let other = BlindIndex(key: SealingKey(bytes: Array(1..<33)))
        var seen: Set<UInt64> = []
        for text in ["", "a", "b", "alice", "alice "] {
            for domain in BlindIndex.Domain.allCases {
                seen.insert(index.index(text, in: domain))
                seen.insert(other.index(text, in: domain))
            }
        }
        #expect(seen.count == 50)
        #expect(!seen.contains(0))
    }
}
