import PeerTransport
import Testing

/// The same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct FrameDecoderTests {
    private static func framed(_ payload: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt32(payload.count).littleEndian) { Array($0) } + payload
    }

    /// Feeds `stream` in pieces that end at `cuts`, and gives the frames.
    private func decode(
        _ stream: [UInt8], cuts: [Int], with decoder: FrameDecoder
    ) throws(FrameDecoder.BadLength) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var start = 0
        for cut in cuts + [stream.count] {
            while start < cut {
                let memory = decoder.prepare()
                let count = min(memory.count, cut - start)
                memory.copyBytes(from: stream[start..<start + count])
                decoder.commit(count)
                start += count
                while let frame = try decoder.next() { frames.append(Array(frame)) }
            }
        }
        return frames
    }

    @Test func `frames come out the same wherever the stream is cut`() throws {
        let payloads: [[UInt8]] = [[1], [2, 3], Array(repeating: 4, count: 40), [5], Array(6..<30)]
        let stream = payloads.flatMap(Self.framed)
        for first in 0...stream.count {
            for second in stride(from: first, through: stream.count, by: 3) {
                let decoder = FrameDecoder(maxFrameBytes: 64)
                #expect(try decode(stream, cuts: [first, second], with: decoder) == payloads)
                #expect(decoder.bufferedBytes == 0)
            }
        }
    }

    @Test func `frames of all sizes survive random cuts`() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<40 {
            let payloads = (0..<20).map { _ in
                let size = 1 << Int.random(in: 0...18, using: &random)
                let count = Int.random(in: 1...size, using: &random)
                let first = UInt8.random(in: 0...255, using: &random)
                return (0..<count).map { first &+ UInt8(truncatingIfNeeded: $0) }
            }
            let stream = payloads.flatMap(Self.framed)
            let cuts = (0..<30).map { _ in Int.random(in: 0...stream.count, using: &random) }.sorted()
            #expect(try decode(stream, cuts: cuts, with: FrameDecoder(maxFrameBytes: 1 << 18)) == payloads)
        }
    }

    @Test func `any bytes are frames or a bad length, and never take more memory than a frame may`() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<3000 {
            let count = Int.random(in: 1...300, using: &random)
            // Small numbers make plausible lengths.
            let ceiling = UInt8([3, 20, 255].randomElement(using: &random)!)
            let stream = (0..<count).map { _ in UInt8.random(in: 0...ceiling, using: &random) }
            let cuts = (0..<5).map { _ in Int.random(in: 0...count, using: &random) }.sorted()
            let decoder = FrameDecoder(maxFrameBytes: 1000)
            do {
                for frame in try decode(stream, cuts: cuts, with: decoder) {
                    #expect((1...1000).contains(frame.count))
                }
            } catch {
                #expect(!(1...1000).contains(error.length))
            }
            #expect(decoder.capacity <= 1004)
        }
    }

    @Test func `a truncated frame never comes out`() throws {
        let stream = Self.framed(Array(0..<100))
        for count in 0..<stream.count {
            let decoder = FrameDecoder(maxFrameBytes: 1000)
            #expect(try decode(Array(stream[..<count]), cuts: [], with: decoder) == [])
            #expect(decoder.bufferedBytes == count)
        }
    }

    @Test(arguments: [0, 1001, 1 << 20, Int(UInt32.max)])
    func `a length that is not allowed is an error that names it`(length: Int) {
        let stream = withUnsafeBytes(of: UInt32(length).littleEndian) { Array($0) } + [1]
        let decoder = FrameDecoder(maxFrameBytes: 1000)
        let error = #expect(throws: FrameDecoder.BadLength.self) { try decode(stream, cuts: [], with: decoder) }
        #expect(error.map { "\($0)" } == "a frame of \(length) bytes, where 1 to 1000 are allowed")
    }

    @Test func `memory grown for a long frame is given back`() throws {
        let decoder = FrameDecoder(maxFrameBytes: 8 << 20)
        let stream = Self.framed([UInt8](repeating: 1, count: 5 << 20)) + Self.framed([2]) + Self.framed([3])
        #expect(try decode(stream, cuts: [100_000, (5 << 20) + 9], with: decoder).map(\.count) == [5 << 20, 1, 1])
        #expect(decoder.capacity < 1 << 20)
    }
}

@Suite struct FrameQueueTests {
    @Test func `what goes in comes out as records that decode to the same frames`() throws {
        var random = SeededGenerator(seed: 3)
        let staging = UnsafeMutableRawBufferPointer.allocate(byteCount: FrameQueue.recordBytes, alignment: 16)
        defer { staging.deallocate() }
        var queue = FrameQueue()
        var sent: [[UInt8]] = []
        var stream: [UInt8] = []
        for _ in 0..<400 {
            let size = 1 << Int.random(in: 0...17, using: &random)
            let frame = [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: size)
            queue.append(frame)
            sent.append(frame)
            // Falls behind for a while, then catches up.
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let before = queue.byteCount
                queue.takeRecord(staging: staging) { record in
                    #expect((1...FrameQueue.recordBytes).contains(record.count))
                    stream += record
                }
                #expect(queue.isEmpty || before - queue.byteCount == FrameQueue.recordBytes)
            }
        }
        while !queue.isEmpty { queue.takeRecord(staging: staging) { stream += $0 } }
        let decoder = FrameDecoder(maxFrameBytes: 1 << 17)
        var received: [[UInt8]] = []
        var start = 0
        while start < stream.count {
            let memory = decoder.prepare()
            let count = min(memory.count, stream.count - start)
            memory.copyBytes(from: stream[start..<start + count])
            decoder.commit(count)
            start += count
            while let frame = try decoder.next() { received.append(Array(frame)) }
        }
        #expect(received == sent)
    }

    @Test func `an empty queue gives no record`() {
        let staging = UnsafeMutableRawBufferPointer.allocate(byteCount: FrameQueue.recordBytes, alignment: 16)
        defer { staging.deallocate() }
        var queue = FrameQueue()
        queue.takeRecord(staging: staging) { _ in Issue.record("there is nothing to take") }
        #expect(queue.isEmpty)
    }
}
