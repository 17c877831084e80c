/// The leader's side of snapshots: for followers whose next entry is compacted.
extension Raft {
    /// Sends what the follower may take, or sees to it that there will be something to send.
    mutating func serveSnapshot(to position: Int) {
        if leadership!.progress[position].lacksSnapshot {
            let match = leadership!.progress[position].match
            guard let offered = leadership!.snapshots.outline, offered.index > match else {
                if leadership!.snapshots.wish(everyTicks: configuration.electionTicks) {
                    effects.append(.snapshotWanted(for: roster.members[position]))
                }
                return
            }
            leadership!.progress[position].send(offered)
        }
        while let chunk = leadership!.progress[position].nextChunk(
            chunkBytes: configuration.snapshotChunkBytes, windowBytes: configuration.maxInflightSnapshotBytes)
        {
            sendChunk(offset: chunk.offset, byteCount: chunk.byteCount, to: position)
        }
    }

    /// A follower that can be reached but has long said nothing of its snapshot is asked how far it is.
    mutating func askAboutSnapshot(_ position: Int) {
        let chunkBytes = configuration.snapshotChunkBytes
        guard let chunk = leadership!.progress[position].question(chunkBytes: chunkBytes) else { return }
        sendChunk(offset: chunk.offset, byteCount: chunk.byteCount, to: position)
    }

    private mutating func sendChunk(offset: Int, byteCount: Int, to position: Int) {
        let outline = leadership!.progress[position].sending!.outline
        send(.snapshotChunk(outline, offset: offset, byteCount: byteCount), to: roster.members[position])
    }

    mutating func snapshotReady(_ outline: SnapshotOutline) {
        // Of a reign that is over, or overtaken by the log's compaction while it was made: it will be asked for again.
        guard role == .leader, outline.index >= log.baseIndex else { return }
        precondition(outline.index <= commitIndex, "a snapshot holds only what is committed")
        precondition(log.term(at: outline.index) == outline.term, "a snapshot is of this log")
        leadership!.snapshots.offer(outline)
    }

    mutating func snapshotReceived(id: UInt64, through: Int, from position: Int) {
        guard role == .leader else { return }
        let stands = leadership!.progress[position].received(snapshot: id, through: through)
        // The file came to nothing there, so perhaps it is the file: the next attempt is made with another.
        if !stands, leadership!.snapshots.outline?.id == id { leadership!.snapshots.withdraw() }
    }

    mutating func snapshotTick() {
        let offered = leadership!.snapshots.outline?.id
        let isInUse = leadership!.progress.contains { $0.sending != nil && $0.sending!.outline.id == offered }
        leadership!.snapshots.tick(isInUse: isInUse, lingerTicks: configuration.snapshotLingerTicks)
    }
}
