import EventLoop
import Testing

@Suite struct TimerTests {
    @Test func `a timer fires once, not before its time`() async throws {
        try await withLoop { loop in
            let fired = Shared<[ContinuousClock.Instant]>([])
            let start = ContinuousClock.now
            let timer = try await loop.run {
                let timer = try Timer(loop: loop) { fired.update { $0.append(.now) } }
                timer.start(afterMilliseconds: 20)
                return Confined(timer)
            }
            #expect(await eventually { !fired.value.isEmpty })
            #expect(fired.value[0] - start >= .milliseconds(19))
            #expect(try await loop.run { !timer.value.isActive })
            #expect(fired.value.count == 1)
        }
    }

    @Test func `a repeating timer fires until it is stopped, and starts again`() async throws {
        try await withLoop { loop in
            let count = Shared(0)
            let timer = try await loop.run {
                let timer = try Timer(loop: loop) { count.update { $0 += 1 } }
                timer.start(afterMilliseconds: 0, everyMilliseconds: 1)
                return Confined(timer)
            }
            #expect(await eventually { count.value >= 3 })
            let stoppedAt = try await loop.run {
                timer.value.stop()
                return count.value
            }
            // A later timer bounds how long a wrong tick could take to show.
            let later = Shared(false)
            try await loop.run {
                let other = try Timer(loop: loop) { later.update { $0 = true } }
                other.start(afterMilliseconds: 10)
            }
            #expect(await eventually { later.value })
            #expect(count.value == stoppedAt)
            try await loop.run { timer.value.start(afterMilliseconds: 1) }
            #expect(await eventually { count.value == stoppedAt + 1 })
        }
    }

    @Test func `a closed timer is silent, and closing again is nothing`() async throws {
        try await withLoop { loop in
            let count = Shared(0)
            try await loop.run {
                let timer = try Timer(loop: loop) { count.update { $0 += 1 } }
                timer.start(afterMilliseconds: 0)
                timer.close()
                timer.close()
                timer.start(afterMilliseconds: 0)
                let other = try Timer(loop: loop) { count.update { $0 += 100 } }
                other.start(afterMilliseconds: 5)
            }
            #expect(await eventually { count.value > 0 })
            #expect(count.value == 100)
        }
    }

    @Test func `a timer may close itself as it fires`() async throws {
        try await withLoop { loop in
            let count = Shared(0)
            let timer = Confined<Timer?>(nil)
            try await loop.run {
                timer.value = try Timer(loop: loop) {
                    count.update { $0 += 1 }
                    timer.value?.close()
                    timer.value = nil
                }
                timer.value?.start(afterMilliseconds: 0, everyMilliseconds: 1)
            }
            #expect(await eventually { count.value == 1 })
            #expect(try await loop.run { timer.value == nil })
        }
    }
}
