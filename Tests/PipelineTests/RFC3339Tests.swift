import Foundation
import Pipeline
import Testing

@Suite("Times are read and written by RFC 3339")
struct RFC3339Tests {
    @Test(
        "Known times come out right",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01t00:00:00z", 0), ("2000-02-29T12:00:00Z", 951_825_600_000_000),
            ("2026-11-22T13:45:00.123456789Z", 1_795_355_100_123_456), ("1970-01-01T01:00:00+01:00", 0),
            ("1969-12-31T23:00:00-01:00", 0), ("2100-03-01T00:00:00.5+23:59", 4_107_456_060_500_000),
            ("9999-12-31T23:59:59.999999Z", RFC3339.maxMicroseconds),
        ] as [(String, Int64)])
    func known(text: String, microseconds: Int64) {
        #expect(RFC3339.microseconds(from: text) == microseconds)
    }

    @Test(
        "What is no time is refused",
        arguments: [
            "", "2026-11-22", "2026-11-22T13:45:00", "2026-11-22 13:45:00Z", "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
            "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-12-31T23:59:60Z",
            "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00Zx", "+026-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-00:01", "2026-01-01T00:00:00.5", "２026-01-01T00:00:00Z",
        ])
    func refused(text: String) {
        #expect(RFC3339.microseconds(from: text) == nil)
    }

    @Test("What is written is read again, and is what Foundation writes")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 3)
        let style = Date.ISO8601FormatStyle()
        for _ in 0..<2000 {
            let time = Int64.random(in: 0...RFC3339.maxMicroseconds, using: &generator)
            var bytes: [UInt8] = []
            RFC3339.append(time, to: &bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(RFC3339.microseconds(from: text) == time)
            let seconds = Date(timeIntervalSince1970: Double(time / 1_000_000))
            #expect(text.prefix(19) == style.format(seconds).prefix(19))
        }
    }
}

/// A small seeded generator: a test that fails once fails again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
