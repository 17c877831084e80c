import Raft

/// What the drivers do with snapshots.
extension Simulation {
    enum Report {
        case snapshot
        case chunk(SnapshotOutline, offset: Int, byteCount: Int)
        case installed(id: UInt64)
    }

    mutating func take(_ effect: Effect, of node: Int) {
        let report: Report
        switch effect {
        case .snapshotWanted: report = .snapshot
        case .storeChunk(let outline, let offset, let byteCount):
            report = .chunk(outline, offset: offset, byteCount: byteCount)
        case .installSnapshot(let outline): report = .installed(id: outline.id)
        default: preconditionFailure("not about snapshots")
        }
        let delay = random.within(1...(isHostile ? maxDiskDelay : 5))
        queue.add(.report(node: node, life: nodes[node].life, report), at: now + delay)
    }

    mutating func perform(_ report: Report, of node: Int) {
        switch report {
        case .snapshot: makeSnapshot(node)
        case .chunk(let outline, let offset, let byteCount):
            if nodes[node].file?.id != outline.id { nodes[node].file = (outline.id, 0) }
            let bytes = nodes[node].file!.bytes
            if offset <= bytes { nodes[node].file!.bytes = max(bytes, offset + byteCount) }
            step(node, .chunkStored(id: outline.id, through: nodes[node].file!.bytes))
        case .installed(let id):
            nodes[node].file = nil
            if isHostile, random.chance(30) {
                checker.saw("snapshot failed")
                return step(node, .snapshotFailed(id: id))
            }
            checker.saw("snapshot installed")
            step(node, .snapshotInstalled(id: id))
        }
    }

    private mutating func makeSnapshot(_ node: Int) {
        let base = nodes[node].compactedThrough.rawValue
        let index = base + UInt64(random.below(Int(nodes[node].reportedCommit.rawValue - base) + 1))
        guard index > 0, !(isHostile && random.chance(10)) else { return step(node, .snapshotUnavailable) }
        let content = Array(nodes[node].memory.prefix(Int(index)))
        let id = random.next()
        snapshots[id] = content
        let outline = SnapshotOutline(
            id: id, index: LogIndex(index), term: content.last!.term,
            membership: nodes[node].membership(asOf: LogIndex(index)).1, byteCount: random.within(1...400))
        step(node, .snapshotReady(outline))
    }
}
