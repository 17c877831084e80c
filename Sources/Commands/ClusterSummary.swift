import HTTPSClient

/// The cluster as all its nodes describe it.
package struct ClusterSummary: Encodable, Sendable {
    package let leader: UInt64?
    package let term: UInt64?
    /// By the word of the leader, where it is heard; nil where nobody answers.
    package let membership: NodeReport.Membership?
    package let members: [Member]
    /// What somebody should know who looks at the table.
    package let notes: [String]

    package struct Member: Encodable, Sendable {
        package let url: String
        package let node: UInt64?
        package let life: String?
        package let role: String
        package let maintenance: Bool
        package let term: UInt64?
        package let commitIndex: UInt64?
        package let appliedIndex: UInt64?
        /// Entries that its PostgreSQL lacks of the highest commit index any node knows.
        package let lag: UInt64?
        package let postgres: String
        package let ready: Bool
        package let error: String?

        private enum CodingKeys: String, CodingKey {
            case url, node, life, role, maintenance, term, lag, postgres, ready, error
            case commitIndex = "commit_index"
            case appliedIndex = "applied_index"
        }
    }

    package init(_ observations: [NodeObservation]) {
        let leader = ClusterObserver.leader(observations)
        let reports = observations.reports
        let commit = reports.map(\.commitIndex).max() ?? 0
        self.leader = leader?.id
        term = leader?.term
        membership = reports.latest?.membership
        members = observations.map { Member($0, commitIndex: commit) }
        notes = Self.notes(reports)
    }

    package var text: String {
        var table = TextTable(
            header: ["NODE", "ROLE", "TERM", "COMMIT", "APPLIED", "LAG", "POSTGRESQL", "READY", "URL"])
        for member in members {
            table.append([
                Self.cell(member.node), member.role + (member.maintenance ? ", maintenance" : ""),
                Self.cell(member.term), Self.cell(member.commitIndex), Self.cell(member.appliedIndex),
                Self.cell(member.lag), member.postgres, member.ready ? "yes" : "no", member.url,
            ])
        }
        var lines = [table.text] + members.compactMap(\.error) + notes
        if let membership {
            let line = MembershipText.line(
                voters: membership.voters, outgoing: membership.outgoing, learners: membership.learners,
                index: membership.index)
            lines.append(membership.committed ? line : "Not committed yet: " + line)
        }
        lines.append(leader.map { "Leader: node \($0), term \(term ?? 0)" } ?? "No leader known.")
        return lines.joined(separator: "\n")
    }

    /// What the leader says of members that are not asked themselves or lack something.
    private static func notes(_ reports: [NodeReport]) -> [String] {
        guard let latest = reports.latest else { return [] }
        var notes: [String] = []
        for report in reports {
            guard let identity = report.identity, identity.state != "member" || identity.reason != nil else { continue }
            notes.append("Node \(report.node) is \(identity.state)" + (identity.reason.map { ": \($0)" } ?? ""))
        }
        for member in latest.members {
            if !reports.contains(where: { $0.node == member.id }) {
                let place = [member.url, member.address].compactMap(\.self).first.map { ", \($0)" } ?? ""
                notes.append(
                    "Node \(member.id)\(place), is a member and has not answered here"
                        + (member.reachable ? ", but node \(latest.node) reaches it" : ""))
            }
            if member.role == "learner" || member.snapshot != nil {
                if case .waiting(let text, _) = MembershipGoal.catchingUp(member, commitIndex: latest.commitIndex) {
                    notes.append(text.prefix(1).uppercased() + text.dropFirst())
                }
            }
        }
        return notes
    }

    private static func cell(_ number: UInt64?) -> String {
        number.map { String($0) } ?? "-"
    }
}

extension ClusterSummary.Member {
    fileprivate init(_ observation: NodeObservation, commitIndex highestCommit: UInt64) {
        url = observation.endpoint.description
        ready = observation.isReady
        switch observation.report {
        case .success(let report):
            node = report.node
            life = report.identity?.life
            role = report.members.first { $0.id == report.node }?.role ?? "no member"
            maintenance = report.maintenance ?? false
            term = report.term
            commitIndex = report.commitIndex
            appliedIndex = report.appliedIndex
            lag = highestCommit > report.appliedIndex ? highestCommit - report.appliedIndex : 0
            postgres = report.postgres.state
            error = report.postgres.detail.map { "Node \(report.node), PostgreSQL: \($0)" }
        case .failure(let failure):
            node = nil
            life = nil
            role = "unreachable"
            maintenance = false
            term = nil
            commitIndex = nil
            appliedIndex = nil
            lag = nil
            postgres = "-"
            error = failure.description
        }
    }
}
