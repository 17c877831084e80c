/// Whether a receiver is worth an attempt: after some failures in a row it is left alone for a while, then tried with one
/// alert, and only when that goes through with all of them. A value that is told the time.
public struct Circuit: Sendable, Equatable {
    public struct Options: Sendable, Equatable {
        /// So many failures in a row open the circuit; at least 1.
        public var failures: Int
        /// How long it stays open the first time; twice as long each time that the probe fails,
        public var shortest: Duration
        /// up to this.
        public var longest: Duration

        public init(failures: Int = 5, shortest: Duration = .seconds(5), longest: Duration = .seconds(300)) {
            precondition(failures >= 1, "a circuit opens after 1 failure or more")
            precondition(shortest > .zero && shortest <= longest, "a circuit is open for a time above 0")
            self.failures = failures
            self.shortest = shortest
            self.longest = longest
        }
    }

    public enum State: Sendable, Equatable {
        case closed(failures: Int)
        case open(until: ContinuousClock.Instant)
        /// One attempt is under way to see how things are.
        case halfOpen
    }

    public enum Admission: Sendable, Equatable {
        case go
        /// Ask again then; before that only if the state changes.
        case wait(until: ContinuousClock.Instant?)
    }

    public let options: Options
    public private(set) var state = State.closed(failures: 0)
    /// How long the circuit is open next time.
    private var interval: Duration

    public init(_ options: Options) {
        self.options = options
        interval = options.shortest
    }

    /// May an attempt begin? Every `go` is answered by `succeeded`, `failed` or `abandoned`.
    public mutating func admit(at now: ContinuousClock.Instant) -> Admission {
        switch state {
        case .closed: return .go
        case .halfOpen: return .wait(until: nil)
        case .open(let until):
            guard now >= until else { return .wait(until: until) }
            state = .halfOpen
            return .go
        }
    }

    public mutating func succeeded() {
        state = .closed(failures: 0)
        interval = options.shortest
    }

    /// `quiet`: the receiver has asked to be left alone so long.
    public mutating func failed(at now: ContinuousClock.Instant, quiet: Duration? = nil) {
        let quiet = quiet.map { min($0, options.longest) }
        switch state {
        case .closed(let failures):
            if let quiet {
                state = .open(until: now + quiet)
            } else if failures + 1 >= options.failures {
                open(at: now)
            } else {
                state = .closed(failures: failures + 1)
            }
        case .halfOpen: open(at: now, atLeast: quiet)
        case .open(let until):
            // One of those that were under way when it opened.
            if let quiet { state = .open(until: max(until, now + quiet)) }
        }
    }

    /// The attempt came to no end: somebody else may try.
    public mutating func abandoned(at now: ContinuousClock.Instant) {
        if state == .halfOpen { state = .open(until: now) }
    }

    private mutating func open(at now: ContinuousClock.Instant, atLeast quiet: Duration? = nil) {
        state = .open(until: now + max(interval, quiet ?? .zero))
        interval = min(options.longest, interval * 2)
    }
}
