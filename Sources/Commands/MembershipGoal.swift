import NIOCore

/// What a change of the members is to end in, and how far it is.
package struct MembershipGoal: Sendable, Equatable {
    package enum State: String, Sendable { case voter, learner, absent }

    package enum Progress: Sendable, Equatable {
        case reached
        /// In words, and in parts of one where that can be told.
        case waiting(String, fraction: Double?)
    }

    package let number: UInt64
    package let state: State

    package init(number: UInt64, state: State) {
        self.number = number
        self.state = state
    }

    /// By the word of the leader, where it is heard.
    package func progress(_ reports: [NodeReport]) -> Progress {
        guard let latest = reports.latest, let membership = latest.membership else {
            return .waiting("no node answers", fraction: nil)
        }
        guard latest.leader != nil else { return .waiting("no leader is known", fraction: nil) }
        let isSettled = membership.outgoing.isEmpty && membership.committed
        let lives = latest.members.filter { $0.id == number }
        // Of one number two lives can be known while one replaces the other: the one that catches up is waited for.
        let member = lives.first { $0.role == "learner" } ?? lives.first
        switch state {
        case .absent:
            if isSettled, lives.isEmpty { return .reached }
            return .waiting("node \(number) is being taken out", fraction: nil)
        case .learner:
            if isSettled, membership.learners.contains(number), member != nil { return .reached }
        case .voter:
            let votes = membership.voters.contains(number) && !membership.learners.contains(number)
            if isSettled, votes, let member, member.role != "learner" { return .reached }
        }
        guard let member else { return .waiting("node \(number) is being admitted", fraction: nil) }
        return Self.catchingUp(member, commitIndex: latest.commitIndex)
    }

    /// How far a member is that lacks something.
    static func catchingUp(_ member: NodeReport.Member, commitIndex: UInt64) -> Progress {
        if let snapshot = member.snapshot, snapshot.totalBytes > 0 {
            let megabytes = [snapshot.sentBytes, snapshot.totalBytes].map { (Double($0) / 1e6).rounded(places: 1) }
            return .waiting(
                "node \(member.id) gets a snapshot: \(megabytes[0]) of \(megabytes[1]) MB",
                fraction: Double(snapshot.sentBytes) / Double(snapshot.totalBytes))
        }
        guard member.reachable else {
            return .waiting("node \(member.id) cannot be reached: does it run?", fraction: nil)
        }
        guard let lag = member.lag, lag > 0 else { return .waiting("node \(member.id) has caught up", fraction: nil) }
        return .waiting(
            "node \(member.id) is \(lag) entries behind",
            fraction: commitIndex > lag ? Double(commitIndex - lag) / Double(commitIndex) : nil)
    }
}

extension MembershipGoal {
    /// Waits until it is reached; throws `.unfinished` when the time is up.
    func wait(_ observer: ClusterObserver, timeoutSeconds: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
        var line = ProgressLine()
        defer { line.finish() }
        while true {
            let reports = await observer.observe(timeout: .seconds(2)).reports
            switch progress(reports) {
            case .reached: return
            case .waiting(let text, let fraction):
                line.show(fraction: fraction, text)
                guard ContinuousClock.now < deadline else {
                    throw AdministrationFailure.unfinished("After \(timeoutSeconds) s \(text).")
                }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
