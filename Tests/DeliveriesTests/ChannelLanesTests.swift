import Deliveries
import Ledger
import Raft
import Testing

@Suite("Lanes of a channel")
struct ChannelLanesTests {
    private func alert(_ number: UInt64, user: UInt64) -> OutgoingAlert {
        OutgoingAlert(position: place(number, 0), id: "\(number)", userKey: user, document: [])
    }

    @Test("A user's alerts go out one after the other, others side by side")
    func order() {
        var lanes = ChannelLanes(parallelism: 3, window: 10)
        lanes.add([alert(1, user: 1), alert(2, user: 1), alert(3, user: 2)])
        let first = lanes.next()
        #expect(first?.id == "1")
        #expect(lanes.next()?.id == "3")
        #expect(lanes.next() == nil)
        #expect(lanes.finish(first!) == place(1, 0))
        #expect(lanes.next()?.id == "2")
    }

    @Test("No more are under way than may be")
    func parallelism() {
        var lanes = ChannelLanes(parallelism: 2, window: 10)
        lanes.add((1...5).map { alert($0, user: $0) })
        _ = lanes.next()
        _ = lanes.next()
        #expect(lanes.next() == nil)
        #expect(lanes.room == 5)
    }

    @Test("The cursor waits for the oldest, then passes all that are done")
    func cursor() {
        var lanes = ChannelLanes(parallelism: 3, window: 10)
        lanes.add((1...3).map { alert($0, user: $0) })
        let started = (0..<3).map { _ in lanes.next()! }
        #expect(lanes.finish(started[1]) == nil)
        #expect(lanes.finish(started[2]) == nil)
        #expect(lanes.room == 7)
        #expect(lanes.finish(started[0]) == place(3, 0))
        #expect(lanes.count == 0)
    }

    @Test("Whatever the order in which they end, each goes out once, in its user's order, and the cursor skips none")
    func everything() {
        var generator = SplitMix(seed: 7)
        for _ in 0..<200 {
            let parallelism = Int.random(in: 1...6, using: &generator)
            let window = Int.random(in: 1...20, using: &generator)
            var lanes = ChannelLanes(parallelism: parallelism, window: window)
            let all = (1...60).map { alert($0, user: .random(in: 0..<5, using: &generator)) }
            var unread = all[...]
            var underWay: [OutgoingAlert] = []
            var done: [OutgoingAlert] = []
            var cursor: UInt64 = 0
            while done.count < all.count {
                let count = min(lanes.room, Int.random(in: 0...4, using: &generator), unread.count)
                lanes.add(Array(unread.prefix(count)))
                unread = unread.dropFirst(count)
                while let next = lanes.next() { underWay.append(next) }
                #expect(underWay.count <= parallelism && lanes.count <= window)
                #expect(Set(underWay.map(\.userKey)).count == underWay.count)
                guard let ended = underWay.indices.randomElement(using: &generator) else { continue }
                let alert = underWay.remove(at: ended)
                done.append(alert)
                if let moved = lanes.finish(alert) {
                    #expect(moved.index.rawValue > cursor)
                    cursor = moved.index.rawValue
                    #expect(Set(done.map(\.position.index.rawValue)).isSuperset(of: 1...cursor))
                }
            }
            #expect(cursor == 60 && lanes.count == 0 && lanes.running == 0)
            for user in UInt64(0)..<5 {
                #expect(done.filter { $0.userKey == user }.map(\.id) == all.filter { $0.userKey == user }.map(\.id))
            }
        }
    }
}

/// Chance from a seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
