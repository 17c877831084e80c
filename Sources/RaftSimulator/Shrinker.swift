/// Makes a failing plan smaller, as long as it fails in the same way: a shorter time, fewer faults, fewer calls, a
/// plainer world.
package struct Shrinker {
    private let fails: (Plan) -> String?
    private let kind: String
    private var runsLeft: Int
    package private(set) var plan: Plan
    package private(set) var failure: String

    /// - Parameters:
    ///   - runs: attempts at most.
    ///   - fails: what is wrong with the world of a plan; nil if nothing is.
    package init?(_ plan: Plan, runs: Int = 300, fails: @escaping (Plan) -> String?) {
        guard let failure = fails(plan) else { return nil }
        self.plan = plan
        self.failure = failure
        self.fails = fails
        kind = Self.kind(of: failure)
        runsLeft = runs
    }

    package mutating func run() {
        shorten()
        dropFaults()
        dropOperations()
        simplify()
        shorten()
        dropFaults()
    }

    /// The words of a failure without what differs from run to run.
    static func kind(of failure: String) -> String {
        failure.split(separator: " ").filter { word in !word.contains { $0.isNumber } }.prefix(6).joined(separator: " ")
    }

    private mutating func attempt(_ candidate: Plan) -> Bool {
        guard runsLeft > 0, candidate != plan else { return false }
        runsLeft -= 1
        guard let failure = fails(candidate), Self.kind(of: failure) == kind else { return false }
        plan = candidate
        self.failure = failure
        return true
    }

    private mutating func shorten() {
        var step = plan.hostileTime / 2
        while step > 200 * millisecond {
            var candidate = plan
            candidate.hostileTime -= step
            candidate.faults.removeAll { $0.time > candidate.hostileTime }
            candidate.operations.removeAll { $0.time > candidate.hostileTime }
            if candidate.hostileTime < step || !attempt(candidate) { step /= 2 }
        }
    }

    private mutating func dropFaults() { drop(from: \.faults) }
    private mutating func dropOperations() { drop(from: \.operations) }

    /// Halves, quarters and so on down to single ones.
    private mutating func drop<Item>(from items: WritableKeyPath<Plan, [Item]>) {
        var length = plan[keyPath: items].count
        while length > 0 {
            var start = 0
            while start < plan[keyPath: items].count, runsLeft > 0 {
                var candidate = plan
                let end = min(start + length, plan[keyPath: items].count)
                candidate[keyPath: items].removeSubrange(start..<end)
                if !attempt(candidate) { start += length }
            }
            length /= 2
        }
    }

    private mutating func simplify() {
        let changes: [(inout WorldShape) -> Void] = [
            { $0.lossPerMille = 0 }, { $0.duplicationPerMille = 0 }, { $0.keepsOrder = true },
            { $0.linkCapacity = 1_000 }, { $0.spares = 0 }, { $0.voters = 3 }, { $0.keys = 1 },
            { $0.maxPendingReads = 1_000 }, { $0.snapshotsRunAhead = false }, { $0.deliversToNextRun = false },
        ]
        for change in changes {
            var candidate = plan
            change(&candidate.shape)
            candidate.operations.removeAll { Int($0.key) >= candidate.shape.keys }
            _ = attempt(candidate)
        }
    }
}
