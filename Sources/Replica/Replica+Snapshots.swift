import EventLoop
import Logging
import PeerTransport
import Raft

/// Snapshots between this node's files, the wire and the state machine.
extension Replica {
    // MARK: Sending

    /// The core asks again while one is being made, and by a new leader's core too: one at a time is made.
    func offerSnapshot(to node: NodeID) {
        guard !isMakingSnapshot else { return }
        isMakingSnapshot = true
        logger.info("a member needs a snapshot", metadata: ["peer": "\(node)"])
        delegate?.snapshotWanted { [self] offered in
            loop.execute {
                self.assumeIsolated { replica in
                    replica.isMakingSnapshot = false
                    guard let offered else { return replica.step(.snapshotUnavailable) }
                    replica.snapshots.offer(offered)
                    replica.step(.snapshotReady(offered.outline))
                }
            }
        }
    }

    /// A chunk that can't be read or does not fit into the queue is lost; it is asked for again.
    func transmitChunk(_ message: Message, of outline: SnapshotOutline, offset: Int, byteCount: Int) {
        snapshots.read(outline.id, offset: offset, byteCount: byteCount) { [self] bytes in
            guard let bytes else { return }
            loop.execute {
                self.assumeIsolated { $0.transmit(message, payloads: [bytes], over: .snapshot) }
            }
        }
    }

    // MARK: Receiving

    func store(_ outline: SnapshotOutline, offset: Int, byteCount: Int, payloads: [[UInt8]]) {
        let bytes = byteCount > 0 ? payloads[0] : []
        precondition(bytes.count == byteCount, "a chunk comes with its bytes")
        snapshots.store(outline, offset: offset, bytes: bytes) { [self] through in
            loop.execute { self.assumeIsolated { $0.step(.chunkStored(id: outline.id, through: through)) } }
        }
    }

    func install(_ outline: SnapshotOutline) {
        logger.info("a snapshot has come", metadata: ["index": "\(outline.index)", "bytes": "\(outline.byteCount)"])
        delegate?.install(outline, path: snapshots.incomingPath(outline.id)) { [self] isInstalled in
            loop.execute {
                self.assumeIsolated { replica in
                    replica.step(isInstalled ? .snapshotInstalled(id: outline.id) : .snapshotFailed(id: outline.id))
                }
            }
        }
    }
}
