/// The follower's side of snapshots.
extension Raft {
    mutating func snapshotChunk(_ outline: SnapshotOutline, offset: Int, byteCount: Int) {
        if isCovered(outline) { return acknowledge() }
        if isInstalling {
            // One at a time (B38). Whoever sends another asks again.
            if incoming?.outline.id == outline.id {
                send(.snapshotReceived(id: outline.id, through: outline.byteCount), to: leader!)
            }
            return
        }
        guard disk != .full else { return }
        if incoming?.outline.id != outline.id { incoming = IncomingSnapshot(outline: outline) }
        // What of it is on disk already, perhaps from before a restart, only the driver knows.
        effects.append(.storeChunk(outline, offset: offset, byteCount: byteCount))
    }

    /// Does this node's log reach the snapshot's last entry? Then there is nothing to install. That the entry is in a
    /// snapshot proves it to be committed, and with it all that comes before it in this log.
    private mutating func isCovered(_ outline: SnapshotOutline) -> Bool {
        guard outline.index <= commitIndex || log.term(at: outline.index) == outline.term else { return false }
        matchedIndex = max(matchedIndex, outline.index)
        commitIndex = max(commitIndex, outline.index)
        return true
    }

    mutating func chunkStored(id: UInt64, through: Int) {
        guard let incoming, incoming.outline.id == id, !incoming.isInstalling, role == .follower else { return }
        precondition((0...incoming.outline.byteCount).contains(through), "a file is not longer than its snapshot")
        if isCovered(incoming.outline) {
            self.incoming = nil
            return acknowledgeDurable()
        }
        if let leader { send(.snapshotReceived(id: id, through: through), to: leader) }
        guard through == incoming.outline.byteCount else { return }
        self.incoming!.isInstalling = true
        effects.append(.installSnapshot(incoming.outline))
    }

    /// The state machine is what the snapshot holds. The log follows it, in one step on disk: a log that has the
    /// snapshot's last entry is right up to there, and what comes after it may be acknowledged, so it stays; any other
    /// log disagrees with what is committed or ends before it, so it goes, all of it (B39).
    mutating func snapshotInstalled(id: UInt64) {
        guard let outline = incoming?.outline, outline.id == id, isInstalling else { return }
        precondition(role == .follower, "a node that installs a snapshot does not stand")
        incoming = nil
        if !isCovered(outline) { resetLog(to: outline) }
        if outline.index > membershipIndex { adoptMembership(of: outline) }
        if leader != nil { acknowledgeDurable() }
    }

    /// The leader will ask, and hear from the driver that nothing is there any more.
    mutating func snapshotFailed(id: UInt64) {
        guard incoming?.outline.id == id, isInstalling else { return }
        incoming = nil
    }

    private mutating func resetLog(to outline: SnapshotOutline) {
        let state = isHardStateUnsaved ? hardState : nil
        isHardStateUnsaved = false
        let ticket = durability.beginReset(hardState: state != nil, to: outline.index, common: commitIndex)
        log = LogOutline(baseIndex: outline.index, baseTerm: outline.term)
        effects.append(.resetLog(ticket: ticket, hardState: state, index: outline.index, term: outline.term))
        matchedIndex = outline.index
        commitIndex = outline.index
        reportedFloor = max(reportedFloor, outline.index)
        adoptMembership(of: outline)
    }

    private mutating func adoptMembership(of outline: SnapshotOutline) {
        membershipBase = (outline.index, outline.membership)
        membershipVersion = -1
        followMembership()
    }
}
