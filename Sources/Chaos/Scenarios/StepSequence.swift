/// Puts faults one after the other, with times that the seed decides.
package struct StepSequence {
    private(set) var steps: [Scenario.Step] = []
    private(set) var at: Int
    private var random: SeededRandom

    init(from at: Int = 2_500, using random: inout SeededRandom) {
        self.at = at
        self.random = random.fork()
    }

    /// After the one before has ended, and a rest.
    mutating func then(_ fault: any Fault, for duration: ClosedRange<Int>, rest: ClosedRange<Int> = 3_000...5_000) {
        let lasts = Int.random(in: duration, using: &random)
        steps.append(Scenario.Step(at: at, for: lasts, fault))
        at += lasts + Int.random(in: rest, using: &random)
    }

    /// While the one before goes on.
    mutating func within(_ fault: any Fault, for duration: ClosedRange<Int>) {
        guard let before = steps.last else { return then(fault, for: duration) }
        let delay = Int.random(in: 200...max(201, before.forMilliseconds / 2), using: &random)
        let lasts = Int.random(in: duration, using: &random)
        steps.append(Scenario.Step(at: before.atMilliseconds + delay, for: lasts, fault, overlaps: true))
        at = max(at, before.atMilliseconds + delay + lasts + 3_000)
    }
}
