import EventLoop
import Logging
public import PeerTransport
import Raft
import RaftLog

/// What happens on the loop.
extension Replica {
    func becameDurable(_ ticket: PersistTicket) {
        guard ticket > durable else { return }
        durable = ticket
        while let held = heldMessages.first, held.after <= ticket {
            heldMessages.removeFirst()
            transmit(held.message)
        }
        step(.persisted(ticket))
    }

    func tick() {
        let health = log.health(stallMilliseconds: options.diskStallMilliseconds)
        if health != diskHealth {
            logger.warning("the log's disk is \(health.rawValue)")
            diskHealth = health
            step(.disk(health))
        }
        step(.tick)
        renewOverview()
    }

    func renewOverview() {
        let reachable = core.membership.members.filter {
            $0 != options.raft.id && transport?.isConnected(to: $0, over: .control) == true
        }
        overview.update(core: core, log: log, reachable: Set(reachable), disk: diskHealth)
    }

    /// To be given every event of the connections, on the loop.
    public nonisolated func handle(_ event: PeerEvent) {
        // The event's bytes are borrowed for this call, which stays on this thread.
        nonisolated(unsafe) let event = event
        assumeIsolated { $0.take(event) }
    }

    private func take(_ event: PeerEvent) {
        switch event {
        case .connected(let node, let channel):
            logger.debug("connected", metadata: ["peer": "\(node)", "channel": "\(channel)"])
            delegate?.peerConnected(node)
        case .lost(let node, let channel):
            logger.info("connection lost", metadata: ["peer": "\(node)", "channel": "\(channel)"])
            // Snapshots are the only thing that the loss of their connection says something of.
            if channel != .snapshot { step(.peerLost(node)) }
            delegate?.peerLost(node)
        case .otherLife(let node, let old):
            logger.notice("a node is found in another life", metadata: ["peer": "\(node)", "before": "\(old)"])
        case .frame(let bytes, let node, _):
            receive(bytes, from: node)
        }
    }

    private func receive(_ bytes: UnsafeRawBufferPointer, from node: NodeID) {
        let frame: PeerFrame
        do {
            frame = try PeerFrame.decode(bytes)
        } catch {
            logger.error("dropped a malformed frame", metadata: ["peer": "\(node)", "error": "\(error)"])
            return
        }
        switch frame {
        case .application(let content):
            delegate?.received(content, from: node)
        case .boot:
            break  // Whoever gives us the events takes these for itself.
        case .consensus(let message, let payloads):
            guard message.from == node, message.to == options.raft.id else {
                logger.error("dropped a message under another node's name", metadata: ["peer": "\(node)"])
                return
            }
            step(.receive(message), payloads: payloads)
        }
    }
}
