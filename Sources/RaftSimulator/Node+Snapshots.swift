internal import Raft
internal import RaftLog

/// A snapshot, or what has come of it so far.
struct SnapshotFile {
    var outline: SnapshotOutline
    var bytes: [UInt8]
}

/// The node's snapshots: made when the core wants one, received piece by piece, installed as a whole.
extension Node {
    func snapshotEffect(_ effect: Effect, payloads: [[UInt8]]) {
        switch effect {
        case .snapshotWanted(let follower):
            world.note("\(id) wants a snapshot for \(follower)")
            world.saw(.snapshotWanted)
            world.add(.makeSnapshot(position, run: run), after: random.skewed(typical: 20 * millisecond))
        case .storeChunk(let outline, let offset, let byteCount):
            store(outline, offset: offset, payloads.first ?? [], byteCount: byteCount)
        case .installSnapshot(let outline):
            world.add(
                .install(position, run: run, outline), after: random.skewed(typical: 50 * millisecond))
        default: preconditionFailure("not an effect of snapshots")
        }
    }

    // MARK: Sending

    func makeSnapshot() {
        let using = core!.snapshotsInUse.map(\.id)
        outgoing.removeAll { !using.contains($0.outline.id) }
        // Nothing is applied yet, or the log has gone on without it.
        guard saved.folded > .zero, saved.folded.next >= log!.firstIndex else { return step(.snapshotUnavailable) }
        let registers = world.plan.shape.snapshotsRunAhead ? application.registers : saved.registers
        var bytes = registers.encode()
        let outline = SnapshotOutline(
            id: random.next(), index: saved.folded, term: saved.foldedTerm, membership: saved.membership.1,
            byteCount: bytes.count)
        world.note(
            "\(id) makes snapshot \(Words.name(outline.id)) of \(outline.index), registers of \(registers.index)")
        world.saw(.snapshotSent)
        if world.rotsNextSnapshot {
            world.rotsNextSnapshot = false
            bytes[random.below(bytes.count)] ^= 1
        }
        outgoing.append(SnapshotFile(outline: outline, bytes: bytes))
        step(.snapshotReady(outline))
    }

    // MARK: Receiving

    private func store(_ outline: SnapshotOutline, offset: Int, _ piece: [UInt8], byteCount: Int) {
        precondition(piece.count == byteCount, "a chunk has the bytes that it names")
        if incoming?.outline.id != outline.id {
            incoming = SnapshotFile(outline: outline, bytes: [])
            incomingDurable = 0
        }
        let end = incoming!.bytes.count
        if offset <= end, offset + byteCount > end {
            incoming!.bytes.append(contentsOf: piece[(end - offset)...])
        }
        let delay = max(random.skewed(typical: world.plan.shape.syncTime), stalledUntil - world.now)
        world.add(
            .chunkStored(position, run: run, outline.id, through: incoming!.bytes.count), after: delay)
    }

    func chunkStored(_ snapshot: UInt64, through: Int) {
        guard let incoming, incoming.outline.id == snapshot, incoming.bytes.count >= through else { return }
        incomingDurable = max(incomingDurable, through)
        step(.chunkStored(id: snapshot, through: incomingDurable))
    }

    func install(_ outline: SnapshotOutline) {
        guard let file = incoming, file.outline.id == outline.id, core!.incomingSnapshot?.id == outline.id else {
            return
        }
        incoming = nil
        guard file.bytes.count == outline.byteCount, let registers = Registers(decoding: file.bytes) else {
            world.note("\(id) finds snapshot \(Words.name(outline.id)) damaged")
            world.saw(.snapshotFailed)
            world.exercised(.snapshotRot)
            return step(.snapshotFailed(id: outline.id))
        }
        world.saw(.snapshotInstalled)
        world.note("\(id) installs snapshot \(Words.name(outline.id)) of \(outline.index)")
        // Its own registers may be ahead of the log too, from a snapshot before this one.
        if registers.index >= application.registers.index { application.registers = registers }
        application.folded = outline.index
        application.foldedTerm = outline.term
        application.membership = (outline.index, outline.membership)
        saved = application
        world.oracle.restored(
            position, id: id, index: application.registers.index, digest: application.registers.digest)
        if core!.membershipIndex < outline.index, core!.incomingSnapshot != nil {
            world.oracle.told(position, of: outline.membership, at: outline.index.rawValue)
        }
        guard world.isSound else { return }
        if world.isHostile, random.chance(percent: 15) {
            // The log does not follow the state machine before it has gone.
            world.saw(.crashDuringInstall)
            let time = random.within(1...2) * world.plan.shape.electionTimeout
            world.add(.crash(position, run: run, .power, downFor: time), after: 0)
        }
        step(.snapshotInstalled(id: outline.id))
        if isRunning { answerReads() }
    }
}
