internal import Raft

/// What must hold after each step of a core.
extension Oracle {
    func check(_ position: Int, core: Core) {
        let record = records[position]
        let id = record.id
        let status = core.status
        let commit = core.commitIndex
        expect(status.term >= record.term, "\(id): the term falls from \(record.term) to \(status.term)")
        expect(commit >= record.commit, "\(id): commit falls from \(record.commit) to \(commit)")
        let isLeader = status.role == .leader
        // A leader that steps down may have declared a commit in the same step, by the term that it led in.
        let declares: Term? = isLeader ? status.term : record.isLeader ? record.term : nil
        record.term = status.term
        if let first = record.replaced {
            expect(!isLeader, "leader append-only: \(id) replaces its own entry \(first)")
            record.replaced = nil
        }
        if isLeader, !record.isLeader { elected(position, id: id, term: status.term.rawValue) }
        record.isLeader = isLeader
        expect(
            core.lastIndex.rawValue == record.memory.last,
            "\(id): the core's log ends at \(core.lastIndex), the driver's at \(record.memory.last)")
        if commit > record.commit {
            committedRose(position, id: id, to: commit.rawValue, by: declares)
            record.commit = commit
        }
        let durable = core.durableIndex.rawValue
        expect(
            durable <= record.disk.last
                && (durable < max(record.disk.base, record.memory.base)
                    || record.disk.chain(at: durable) == record.memory.chain(at: durable)),
            "\(id) takes its log to be durable up to \(durable), and the disk has something else")
        let newest = record.memberships.last
        expect(
            newest?.index == core.membershipIndex.rawValue,
            "\(id) takes the membership of \(core.membershipIndex) for the newest, its log has \(newest?.index ?? 0)")
        if let newest, record.rulingIndex != newest.index {
            expect(newest.membership == core.membership, "\(id) has another membership than its log at \(newest.index)")
            record.ruling = newest.membership
            record.rulingIndex = newest.index
        }
        expect(
            record.memory.base <= record.applied.rawValue,
            "\(id): compacted through \(record.memory.base), applied \(record.applied)")
    }

    private func committedRose(
        _ position: Int, id: NodeID, to commit: UInt64, by declaring: Term?
    ) {
        let log = records[position].memory
        expect(commit <= log.last, "\(id): committed \(commit), its log ends at \(log.last)")
        guard violation == nil else { return }
        if commit > committedIndex {
            expect(declaring != nil, "\(id) hears of commit \(commit), which no leader has declared")
            let term = declaring?.rawValue ?? 0
            expect(
                log.term(at: commit) == term, "\(id) in t\(term) commits \(commit) of an earlier term by counting")
            let chain = log.chain(at: commit)
            for voters in [records[position].ruling.voters, records[position].ruling.outgoing] where !voters.isEmpty {
                let holders = voters.count { hasStored($0, chain: chain, at: commit) }
                expect(
                    2 * holders > voters.count,
                    "\(id) in t\(term) commits \(commit), which is on the disks of \(holders) of \(voters.count) voters"
                )
            }
            guard violation == nil else { return }
            for index in (committedIndex + 1)...commit {
                guard let chain = log.chain(at: index) else { break }
                committed.append(chain)
                committedIn.append(term)
            }
        }
        expect(
            log.chain(at: commit).map { $0 == committed[Int(commit)] } ?? true,
            "\(id) holds another entry for committed \(commit) than everyone else")
    }

    private func elected(_ position: Int, id: NodeID, term: UInt64) {
        expect(leaders[term] ?? id == id, "election safety: \(leaders[term]!) and \(id) lead in t\(term)")
        leaders[term] = id
        // Terms rise along what is committed, but for leaders that learned of it late.
        var index = committed.count - 1
        while index > 0, committedIn[index] >= term { index -= 1 }
        let log = records[position].memory
        expect(
            UInt64(index) <= log.last && (log.chain(at: UInt64(index)).map { $0 == committed[index] } ?? true),
            "leader completeness: \(id), elected in t\(term), lacks committed entry \(index)")
    }
}
