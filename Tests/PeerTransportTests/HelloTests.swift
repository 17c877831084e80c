import PeerTransport
import Raft
import Testing

@Suite struct HelloTests {
    private let hello = Hello(version: 2, clusterID: "blue", from: 2, to: 1, channel: 1)

    @Test func `hello and answer read back as they were written, within their bound`() throws {
        let longest = Hello(
            version: 2, clusterID: String(repeating: "c", count: 64), from: .max, to: .max, channel: .max)
        for hello in [hello, longest] {
            let bytes = hello.encode()
            #expect(bytes.count <= Hello.maxBytes)
            #expect(try bytes.withUnsafeBytes { try Hello(decoding: $0) } == hello)
        }
        for answer in [
            HelloAnswer.welcome(NodeID(number: 7, life: 9)), .refused("node 7 is not a member"), .refused(""),
        ] {
            #expect(try answer.encode().withUnsafeBytes { try HelloAnswer(decoding: $0) } == answer)
        }
        #expect(HelloAnswer.refused(String(repeating: "\u{10FFFF}", count: 5000)).encode().count <= Hello.maxBytes)
    }

    @Test func `a hello of another version is read as far as its version`() throws {
        var bytes = hello.encode()
        bytes[4] = 9
        #expect(try bytes[..<6].withUnsafeBytes { try Hello(decoding: $0) }.version == 9)
    }

    @Test func `cut or changed bytes are malformed or another value, never a trap`() {
        let bytes = hello.encode()
        for count in 0..<bytes.count {
            #expect(throws: MalformedHello.self) { try bytes[..<count].withUnsafeBytes { try Hello(decoding: $0) } }
        }
        #expect(throws: MalformedHello.self) { try (bytes + [0]).withUnsafeBytes { try Hello(decoding: $0) } }
        var random = SeededGenerator(seed: 5)
        for _ in 0..<5000 {
            var changed = bytes
            for _ in 0..<3 {
                changed[Int.random(in: 0..<changed.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            _ = changed.withUnsafeBytes { try? Hello(decoding: $0) }
            _ = changed.withUnsafeBytes { try? HelloAnswer(decoding: $0) }
        }
    }
}

@Suite struct BackoffTests {
    @Test func `waits grow to the maximum, vary, and start over after a success`() {
        var random = SeededGenerator(seed: 1)
        var backoff = Backoff(minimum: 20, maximum: 1000)
        var ceiling = 20
        for _ in 0..<12 {
            let wait = backoff.next(using: &random)
            #expect((max(20, ceiling / 2)...ceiling).contains(wait))
            ceiling = min(1000, ceiling * 2)
        }
        let waits = Set((0..<50).map { _ in backoff.next(using: &random) })
        #expect(waits.count > 10)
        backoff.reset()
        #expect(backoff.next(using: &random) == 20)
    }
}

@Suite struct LogLimiterTests {
    @Test func `lines past the bound are counted and told of in the next window`() {
        var limiter = LogLimiter(linesPerWindow: 2, windowMilliseconds: 100)
        #expect(limiter.admit(nowMilliseconds: 1000) == 0)
        #expect(limiter.admit(nowMilliseconds: 1001) == 0)
        for time in 1002..<1010 { #expect(limiter.admit(nowMilliseconds: UInt64(time)) == nil) }
        #expect(limiter.admit(nowMilliseconds: 1100) == 8)
        #expect(limiter.admit(nowMilliseconds: 1101) == 0)
    }
}
