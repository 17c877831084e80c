extension Transformer {
    /// The state of a user with this history: bit for bit as if every payment had gone through `step`, since no logit
    /// depends on more payments than the history holds.
    public func state(after history: TokenSequence) -> UserState {
        var state = emptyState()
        restore(&state, after: history)
        return state
    }

    /// As `state(after:)`, in the memory of a state that there is.
    func restore(_ state: inout UserState, after history: TokenSequence) {
        state.numbers.withUnsafeMutableBufferPointer { restore($0.baseAddress!, after: history) }
        state.position = history.count
        state.filled = min(history.length, Configuration.window - 1)
    }

    func restore(_ numbers: UnsafeMutablePointer<Float>, after history: TokenSequence) {
        let first = max(0, history.length - configuration.reach)
        let base = history.count - Int64(history.length)
        for place in first..<history.length {
            // Nobody sees the last block's keys of more than 15 payments ago.
            let isSeenLast = history.length - place < Configuration.window
            replay(
                history[place], position: base + Int64(place), filled: min(place - first, Configuration.window - 1),
                through: isSeenLast ? configuration.blocks : max(1, configuration.blocks - 1), numbers)
        }
    }
}
