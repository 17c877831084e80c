import Chaos
import Testing

@Suite("A relay's line")
struct DelayLineTests {
    /// What comes out up to that time.
    private func drain(_ line: inout DelayLine, at now: Int64) -> [UInt8] {
        var bytes: [UInt8] = []
        while case .bytes(let piece, _) = line.next(at: now) {
            bytes += piece
            line.remove(piece.count)
        }
        return bytes
    }

    @Test("Gives nothing before it is due, and then all of it")
    func delay() {
        var random = SeededRandom(seed: 1)
        var line = DelayLine(capacityBytes: 100)
        line.append([1, 2], RelaySettings(delayMilliseconds: 40), at: 1_000, using: &random)
        #expect(line.nextDueMicroseconds == 41_000)
        #expect(drain(&line, at: 40_999).isEmpty)
        #expect(drain(&line, at: 41_000) == [1, 2])
        #expect(line.isEmpty)
    }

    @Test("Keeps the order, however the jitter falls and whatever comes after the delay has ended")
    func order() {
        var random = SeededRandom(seed: 1)
        var line = DelayLine(capacityBytes: 1_000)
        let settings = RelaySettings(delayMilliseconds: 40, jitterMilliseconds: 40)
        for number in 0..<200 { line.append([UInt8(number)], settings, at: Int64(number), using: &random) }
        line.append([200], RelaySettings(), at: 200, using: &random)
        var bytes: [UInt8] = []
        var steps = 0
        for now in stride(from: Int64(0), through: 90_000, by: 1_000) {
            let more = drain(&line, at: now)
            if !more.isEmpty { steps += 1 }
            bytes += more
        }
        #expect(bytes == Array(0...200))
        #expect(steps > 1)
    }

    @Test("Holds back each piece by the delay without the jitter at least, and differently")
    func jitter() {
        var random = SeededRandom(seed: 1)
        var waits: Set<Int64> = []
        for _ in 0..<100 {
            var line = DelayLine(capacityBytes: 10)
            line.append(
                [1], RelaySettings(delayMilliseconds: 40, jitterMilliseconds: 20), at: 0, using: &random)
            waits.insert(line.nextDueMicroseconds ?? -1)
        }
        #expect(waits.allSatisfy { (20_000...60_000).contains($0) })
        #expect(waits.count > 50)
    }

    @Test("Lets bytes through no faster than its rate")
    func rate() {
        var random = SeededRandom(seed: 1)
        var line = DelayLine(capacityBytes: 10_000)
        let settings = RelaySettings(delayMilliseconds: 5, kilobitsPerSecond: 80)
        // 80 kbit/s are 10,000 bytes a second.
        for _ in 0..<4 { line.append(ArraySlice(repeating: 7, count: 1_000), settings, at: 0, using: &random) }
        #expect(drain(&line, at: 104_999).isEmpty)
        #expect(drain(&line, at: 105_000).count == 1_000)
        #expect(drain(&line, at: 404_999).count == 2_000)
        #expect(drain(&line, at: 405_000).count == 1_000)
    }

    @Test("Knows how much it holds, also of a piece that was taken in part")
    func room() {
        var random = SeededRandom(seed: 1)
        var line = DelayLine(capacityBytes: 10)
        line.append([1, 2, 3, 4], RelaySettings(), at: 0, using: &random)
        #expect(line.heldBytes == 4)
        #expect(line.roomBytes == 6)
        line.remove(3)
        #expect(line.heldBytes == 1)
        #expect(drain(&line, at: 0) == [4])
        #expect(line.roomBytes == 10)
    }

    @Test("Gives the end after everything else, and as late")
    func end() {
        var random = SeededRandom(seed: 1)
        var line = DelayLine(capacityBytes: 10)
        let settings = RelaySettings(delayMilliseconds: 1)
        line.append([1], settings, at: 0, using: &random)
        line.appendEnd(settings, at: 500, using: &random)
        #expect(drain(&line, at: 1_499) == [1])
        #expect(line.nextDueMicroseconds == 1_500)
        guard case .end = line.next(at: 1_500) else {
            Issue.record("there is no end")
            return
        }
    }
}
