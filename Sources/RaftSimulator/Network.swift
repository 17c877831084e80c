internal import Raft
internal import RaftLog

/// A message on its way, with the payloads of its entries beside it.
struct Envelope {
    var message: Message
    var payloads: [[UInt8]]
    /// The receiver's run when it was sent.
    var receiverRun: Int
}

/// The lines between the nodes, by position: what is cut, what is slow, and when the next message arrives.
struct Network {
    /// A cut in force, with the fault it belongs to.
    struct ActiveCut {
        var fault: Int
        /// For each sender the receivers that do not hear it.
        var blocked: [UInt32]
        /// A flapping cut is away half of the time.
        var isAway = false
    }

    struct Clog {
        var fault: Int
        var from: UInt32
        var to: UInt32
        var until: Microseconds
    }

    enum Fate {
        /// It arrives at these times.
        case arrives(Microseconds, again: Microseconds?)
        case lost
        /// By a cut of this fault.
        case blocked(fault: Int)
        case overflow
    }

    struct Passage {
        var fate: Fate
        /// The fault that holds it up.
        var clog: Int?
        /// It arrives before something that was sent earlier on its line.
        var overtakes = false
    }

    private let shape: WorldShape
    private let size: Int
    private var random: SimulatedRandom
    private(set) var cuts: [ActiveCut] = []
    private var clogs: [Clog] = []
    /// By sender and receiver: the fault that blocks the line, or -1.
    private var blocker: [Int]
    private var underWay: [Int]
    private var lastArrival: [Microseconds]
    var lossPercent = 0
    var duplicationPercent = 0
    var slowness: Microseconds = 0
    /// In peace lines inside the core are whole and quick.
    var isPeaceful = false

    init(shape: WorldShape, size: Int, random: SimulatedRandom) {
        self.shape = shape
        self.size = size
        self.random = random
        blocker = Array(repeating: -1, count: size * size)
        underWay = Array(repeating: 0, count: size * size)
        lastArrival = Array(repeating: 0, count: size * size)
    }

    // MARK: Cuts

    mutating func begin(_ cut: ActiveCut) {
        cuts.append(cut)
        renew()
    }

    mutating func end(fault: Int) {
        cuts.removeAll { $0.fault == fault }
        renew()
    }

    mutating func flap(fault: Int) {
        for position in cuts.indices where cuts[position].fault == fault { cuts[position].isAway.toggle() }
        renew()
    }

    mutating func clog(_ clog: Clog) { clogs.append(clog) }
    mutating func unclog(fault: Int) { clogs.removeAll { $0.fault == fault } }

    mutating func heal() {
        cuts = []
        clogs = []
        lossPercent = 0
        duplicationPercent = 0
        slowness = 0
        isPeaceful = true
        renew()
    }

    private mutating func renew() {
        for from in 0..<size {
            for to in 0..<size {
                let cut = cuts.first { !$0.isAway && $0.blocked[from] >> UInt32(to) & 1 == 1 }
                blocker[from * size + to] = cut?.fault ?? -1
            }
        }
    }

    func isCut(from: Int, to: Int) -> Bool { blocker[from * size + to] >= 0 }

    // MARK: Messages

    /// What becomes of a message sent now.
    mutating func send(from: Int, to: Int, at now: Microseconds) -> Passage {
        let line = from * size + to
        if blocker[line] >= 0 { return Passage(fate: .blocked(fault: blocker[line])) }
        if isPeaceful { return Passage(fate: .arrives(now + 100 + random.below(400), again: nil)) }
        if random.chance(perMille: shape.lossPerMille) || random.chance(percent: lossPercent) {
            return Passage(fate: .lost)
        }
        guard underWay[line] < shape.linkCapacity else { return Passage(fate: .overflow) }
        var arrival = now + shape.networkDelay + random.below(shape.networkJitter)
        if random.chance(perMille: 10) { arrival += random.skewed(typical: 4 * shape.networkJitter) }
        if slowness > 0 { arrival += random.below(slowness) }
        var clogging: Int?
        for clog in clogs where clog.from >> UInt32(from) & 1 == 1 && clog.to >> UInt32(to) & 1 == 1 {
            arrival = max(arrival, clog.until + random.below(shape.networkJitter))
            clogging = clog.fault
        }
        if shape.keepsOrder { arrival = max(arrival, lastArrival[line] + 1) }
        let overtakes = arrival < lastArrival[line]
        lastArrival[line] = max(lastArrival[line], arrival)
        underWay[line] += 1
        var again: Microseconds?
        if random.chance(perMille: shape.duplicationPerMille) || random.chance(percent: duplicationPercent) {
            again = arrival + random.skewed(typical: 4 * shape.networkJitter)
            underWay[line] += 1
        }
        return Passage(fate: .arrives(arrival, again: again), clog: clogging, overtakes: overtakes)
    }

    mutating func arrived(from: Int, to: Int) { underWay[from * size + to] = max(0, underWay[from * size + to] - 1) }
}
