internal import Raft

/// The core may run. Its boot is renewed now and then, so that no copy of the directory stays good for long.
struct RunningPhase: Sendable {
    struct Renewal: Sendable {
        /// With the witnesses that are to be.
        var record: BootRecord
        var heard: Set<NodeID> = []
    }

    /// As on disk.
    var identity: NodeIdentity
    /// Until the next renewal.
    var dueTicks: Int
    var renewal: Renewal?
    /// The newest boot that enough others know of: no copy from before it can start again.
    var knownBoot: UInt64
}

extension BootClaim {
    mutating func step(_ running: RunningPhase, _ event: Event, into effects: inout [Effect]) {
        var running = running
        let own = running.renewal?.record ?? running.identity.record
        switch event {
        case .tick:
            running.dueTicks -= 1
            if running.dueTicks <= 0 { renew(&running, into: &effects) }
        case .connected, .lost, .membershipChanged: running.dueTicks = min(running.dueTicks, options.settleTicks)
        case .asked(let ask, let peer):
            if let objection = Self.objection(to: own, in: ask.records, from: peer) {
                end(stale: objection, into: &effects)
                return
            }
        case .answered(let answer, let peer):
            if let objection = Self.objection(to: own, in: answer.records, from: peer) ?? refusal(answer, own, peer) {
                end(stale: objection, into: &effects)
                return
            }
            if case .welcome = answer.verdict, answer.nonce == own.nonce { hear(peer, &running, into: &effects) }
        }
        phase = .running(running)
    }

    private mutating func renew(_ running: inout RunningPhase, into effects: inout [Effect]) {
        running.dueTicks = options.renewalTicks
        // A renewal that was not heard enough is given up: what some have recorded of it only makes them ask for more.
        let next = running.identity.nextBoot(nonce: nextNonce())
        let reachable = others(than: next.node).filter { peers.contains($0) }
        let record = BootRecord(
            node: next.node, boot: next.record.boot, nonce: next.record.nonce,
            witnesses: reachable.isEmpty ? next.record.witnesses : reachable)
        running.identity = next
        running.renewal = RunningPhase.Renewal(record: record)
        effects.append(.write(next))
        for peer in peers.sorted() { effects.append(.ask(peer, .claim(record))) }
    }

    private func hear(_ peer: NodeID, _ running: inout RunningPhase, into effects: inout [Effect]) {
        guard var renewal = running.renewal else { return }
        renewal.heard.insert(peer)
        running.renewal = renewal
        let witnesses = running.identity.record.witnesses
        guard WitnessQuorum.isRenewed(witnesses, by: renewal.heard, members: membership.members.count) else { return }
        running.knownBoot = renewal.record.boot
        guard witnesses != renewal.record.witnesses,
            renewal.record.witnesses.allSatisfy(renewal.heard.contains)
        else { return }
        running.identity = running.identity.with(renewal.record)
        effects.append(.write(running.identity))
    }
}
