/// Whether calls can be put in an order in which a single thing would have answered so, and in which none stands before
/// one that had returned when it was made.
///
/// The search of Wing and Gong (1993) with Lowe's memory of states (2017).
package enum Linearizability {
    package struct Call<Step: Sendable>: Sendable {
        package var step: Step
        package var invoked: Int64
        /// Nil: its outcome is unknown. It may stand anywhere after `invoked`, or nowhere.
        package var returned: Int64?

        package init(_ step: Step, invoked: Int64, returned: Int64?) {
            self.step = step
            self.invoked = invoked
            self.returned = returned
        }
    }

    package enum Verdict: Sendable, Equatable {
        case linearizable
        case violated
        /// Given up after that many states.
        case undecided
    }

    /// - Parameter apply: the state after a step; nil if the thing in that state would not have answered so.
    /// - Parameter budget: states that may be visited.
    package static func check<Step, State: Hashable>(
        _ calls: [Call<Step>], initial: State, budget: Int = 400_000, apply: (Step, State) -> State?
    ) -> Verdict {
        var search = Search(calls: calls.sorted { $0.invoked < $1.invoked }, state: initial)
        return search.run(budget: budget, apply: apply)
    }

    private struct Configuration<State: Hashable>: Hashable {
        var done: [UInt64]
        var state: State
    }

    private struct Search<Step: Sendable, State: Hashable> {
        let calls: [Call<Step>]
        var state: State
        var done: [UInt64]
        /// All calls before this one are done.
        var first = 0
        var required: Int

        init(calls: [Call<Step>], state: State) {
            self.calls = calls
            self.state = state
            done = [UInt64](repeating: 0, count: (calls.count + 63) / 64)
            required = calls.count { $0.returned != nil }
        }

        mutating func run(budget: Int, apply: (Step, State) -> State?) -> Verdict {
            var seen = Set<Configuration<State>>()
            var choices: [(call: Int, state: State)] = []
            var from = 0
            while required > 0 {
                if let (call, next) = candidate(from: from, apply) {
                    mark(call, true)
                    if seen.insert(Configuration(done: done, state: next)).inserted {
                        guard seen.count <= budget else { return .undecided }
                        choices.append((call, state))
                        state = next
                        from = 0
                        continue
                    }
                    mark(call, false)
                    from = call + 1
                } else {
                    guard let last = choices.popLast() else { return .violated }
                    mark(last.call, false)
                    state = last.state
                    from = last.call + 1
                }
            }
            return .linearizable
        }

        /// The next call that may stand first among those left: none of them had returned before it was made.
        private mutating func candidate(from: Int, _ apply: (Step, State) -> State?) -> (Int, State)? {
            while first < calls.count, isDone(first) { first += 1 }
            var earliest = Int64.max
            for call in first..<calls.count {
                if calls[call].invoked > earliest { break }
                if isDone(call) { continue }
                if call >= from, let next = apply(calls[call].step, state) { return (call, next) }
                if let returned = calls[call].returned { earliest = min(earliest, returned) }
            }
            return nil
        }

        private func isDone(_ call: Int) -> Bool { done[call / 64] >> UInt64(call % 64) & 1 == 1 }

        private mutating func mark(_ call: Int, _ isDone: Bool) {
            if isDone {
                done[call / 64] |= 1 << UInt64(call % 64)
            } else {
                done[call / 64] &= ~(1 << UInt64(call % 64))
            }
            if calls[call].returned != nil { required += isDone ? -1 : 1 }
            if !isDone { first = min(first, call) }
        }
    }
}
