import Deliveries
import Testing

@Suite("Circuit breaker and pauses")
struct CircuitTests {
    private let start = ContinuousClock.now
    private let options = Circuit.Options(failures: 3, shortest: .seconds(5), longest: .seconds(12))

    @Test("It opens after so many failures in a row, and a success between them begins the count anew")
    func opens() {
        var circuit = Circuit(options)
        circuit.failed(at: start)
        circuit.failed(at: start)
        circuit.succeeded()
        circuit.failed(at: start)
        circuit.failed(at: start)
        #expect(circuit.admit(at: start) == .go)
        circuit.failed(at: start)
        #expect(circuit.admit(at: start) == .wait(until: start + .seconds(5)))
    }

    @Test("After the pause one attempt is made, and all go on only when it went through")
    func probes() {
        var circuit = opened()
        #expect(circuit.admit(at: start + .seconds(5)) == .go)
        #expect(circuit.admit(at: start + .seconds(5)) == .wait(until: nil))
        circuit.succeeded()
        #expect(circuit.admit(at: start + .seconds(5)) == .go)
        #expect(circuit.admit(at: start + .seconds(5)) == .go)
    }

    @Test("A probe that fails doubles the pause, within its bound; a success brings back the first pause")
    func doubles() {
        var circuit = opened()
        var now = start + .seconds(5)
        for pause in [10, 12, 12] {
            #expect(circuit.admit(at: now) == .go)
            circuit.failed(at: now)
            #expect(circuit.admit(at: now) == .wait(until: now + .seconds(pause)))
            now += .seconds(pause)
        }
        #expect(circuit.admit(at: now) == .go)
        circuit.succeeded()
        for _ in 0..<3 { circuit.failed(at: now) }
        #expect(circuit.admit(at: now) == .wait(until: now + .seconds(5)))
    }

    @Test("A probe that came to no end lets another be made")
    func abandons() {
        var circuit = opened()
        #expect(circuit.admit(at: start + .seconds(5)) == .go)
        circuit.abandoned(at: start + .seconds(5))
        #expect(circuit.admit(at: start + .seconds(5)) == .go)
    }

    @Test("Who asks to be left alone is left alone, at once and for as long, within the bound")
    func quiet() {
        var circuit = Circuit(options)
        circuit.failed(at: start, quiet: .seconds(7))
        #expect(circuit.admit(at: start) == .wait(until: start + .seconds(7)))
        circuit.failed(at: start, quiet: .seconds(900))
        #expect(circuit.admit(at: start) == .wait(until: start + .seconds(12)))
    }

    @Test("Failures of attempts that were under way when it opened change nothing")
    func stragglers() {
        var circuit = opened()
        circuit.failed(at: start + .seconds(1))
        #expect(circuit.admit(at: start) == .wait(until: start + .seconds(5)))
    }

    @Test("Pauses double, are between half their bound and all of it, and end at the longest")
    func pauses() {
        let policy = RetryPolicy(attempts: 9, shortest: .seconds(1), longest: .seconds(60))
        var generator = SplitMix(seed: 1)
        for (failures, bound) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (50, 60)] {
            var seen: Set<Duration> = []
            for _ in 0..<100 {
                let pause = policy.pause(after: failures, using: &generator)
                #expect(pause >= .seconds(bound) / 2 && pause <= .seconds(bound))
                seen.insert(pause)
            }
            #expect(seen.count > 50)
        }
        #expect(policy.pause(after: 1, askedFor: .seconds(30), using: &generator) == .seconds(30))
        #expect(policy.pause(after: 1, askedFor: .seconds(3_000), using: &generator) == .seconds(60))
    }

    private func opened() -> Circuit {
        var circuit = Circuit(options)
        for _ in 0..<3 { circuit.failed(at: start) }
        return circuit
    }
}
