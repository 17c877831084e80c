/// Linearizable reads by ReadIndex (§6.4): no clock is trusted. The leader notes what is committed when a read
/// arrives, and lets it go when a quorum has since confirmed that it leads.
extension Raft {
    mutating func read(tag: UInt64) {
        if role == .leader { return takeRead(origin: .local, tag: tag) }
        guard let leader, role == .follower, !clock.leaderLost,
            forwardedReads.count < configuration.maxPendingReads
        else { return refuseReads([tag]) }
        forwardedReads.add(tag)
        send(.readRequest(tag: tag), to: leader)
    }

    mutating func readRequested(tag: UInt64, by member: NodeID) {
        takeRead(origin: .member(member), tag: tag)
    }

    private mutating func takeRead(origin: PendingRead.Origin, tag: UInt64) {
        let read = PendingRead(origin: origin, tag: tag, index: commitIndex)
        // Before its no-op is committed, a leader may not know all that is (§6.4).
        guard isEstablished, leadership!.quorumCheck.readCount < configuration.maxPendingReads else {
            return refuseReads([read])
        }
        if isQuorumAlone { return answer(read, with: read.index) }
        leadership!.quorumCheck.add(read)
        confirmWaiting()
    }

    /// The membership has changed. Those who confirm that this node leads must be a quorum of the newest one: any later
    /// leader needs the vote of one of them.
    mutating func restartReadRound() {
        leadership!.quorumCheck.abandonRound()
        guard isQuorumAlone else { return confirmWaiting() }
        // Nobody else is left whose answer could confirm them.
        for read in leadership!.quorumCheck.removeReads() { answer(read, with: read.index) }
    }

    private mutating func confirmWaiting() {
        guard leadership!.quorumCheck.isRoundNeeded, beginRound() else { return }
        broadcastHeartbeat()
    }

    /// Heartbeats that are due are a round, whether reads wait or not: a leader must hear again and again that it leads.
    mutating func beat() {
        if !isQuorumAlone { _ = beginRound() }
        broadcastHeartbeat()
    }

    private mutating func beginRound() -> Bool {
        leadership!.quorumCheck.beginRound(
            self: selfPosition, members: roster.count, patienceTicks: configuration.confirmationTicks + queueTicks)
    }

    mutating func confirmReads(round: UInt64, from position: Int) {
        let confirmed = leadership!.quorumCheck.confirm(round: round, from: position, quorum: roster.quorum)
        for read in confirmed { answer(read, with: read.index) }
        confirmWaiting()
    }

    mutating func readAnswered(tag: UInt64, index: LogIndex?) {
        guard forwardedReads.remove(tag) else { return }
        guard let index else { return refuseReads([tag]) }
        effects.append(.readReady(tag: tag, index: index))
    }

    private mutating func answer(_ read: PendingRead, with index: LogIndex?) {
        switch (read.origin, index) {
        case (.local, let index?): effects.append(.readReady(tag: read.tag, index: index))
        case (.local, nil): effects.append(.readRefused(tag: read.tag))
        case (.member(let member), _): send(.readResponse(tag: read.tag, index: index), to: member)
        }
    }

    mutating func refuseReads(_ reads: [PendingRead]) {
        for read in reads { answer(read, with: nil) }
    }

    mutating func refuseReads(_ tags: [UInt64]) {
        for tag in tags { effects.append(.readRefused(tag: tag)) }
    }

    mutating func refuseForwardedReads() { refuseReads(forwardedReads.removeAll()) }
}
