import DequeModule
import Logging
import PeerTransport
import Raft
import RaftLog

/// Carrying out what the core asks for.
extension Replica {
    func perform(_ effect: Effect, event: Event, payloads: [[UInt8]]) {
        switch effect {
        case .persist(let ticket, let hardState, let entries):
            log.persist(
                ticket: ticket, hardState: hardState,
                entries: entries.map { Self.join($0, of: event, payloads: payloads) } ?? [])
        case .resetLog(let ticket, let hardState, let index, let term):
            log.reset(ticket: ticket, hardState: hardState, baseIndex: index, baseTerm: term)
        case .send(let message, let after):
            if after <= durable {
                transmit(message)
            } else {
                heldMessages.append((message, after))
            }
        case .commit(let index):
            overview.commitAdvanced(to: index)
            delegate?.committed(through: index)
        case .readReady(let tag, let index):
            reads.remove(tag)?.resume(returning: index)
        case .readRefused(let tag):
            reads.remove(tag)?.resume(returning: nil)
        case .statusChanged(let status):
            adopt(status)
        case .compactionFloor(let index):
            delegate?.compactionFloorRose(to: index)
        case .membershipAccepted(let tag, let index):
            changes.accepted(tag, index: index)
        case .membershipRefused(let tag, let refusal):
            changes.refused(tag, refusal)
        case .membershipChanged(let membership, let index, let isCommitted):
            adopt(membership, index: index, isCommitted: isCommitted)
        case .transferEnded(let tag, let outcome):
            changes.transferEnded(tag, outcome)
        case .snapshotWanted(let node):
            offerSnapshot(to: node)
        case .storeChunk(let outline, let offset, let byteCount):
            store(outline, offset: offset, byteCount: byteCount, payloads: payloads)
        case .installSnapshot(let outline):
            install(outline)
        case .proposalAccepted, .proposalRefused:
            break  // `propose` observes them.
        }
    }

    private func adopt(_ status: Status) {
        renewOverview()
        logger.debug(
            "status",
            metadata: [
                "role": "\(status.role)", "term": "\(status.term)",
                "leader": "\(status.leader.map { "\($0)" } ?? "none")",
            ])
        delegate?.statusChanged(status)
    }

    /// Gives the entries that the core wants written their payloads. Those that the core makes itself carry none or, where
    /// they name members, their own.
    private static func join(_ appended: AppendedEntries, of event: Event, payloads: [[UInt8]]) -> [LogEntry] {
        let firstPayload: LogIndex
        if case .receive(let message) = event, case .append(let previousIndex, _, _, _, _) = message.body {
            firstPayload = previousIndex.next
        } else {
            firstPayload = appended.first
        }
        let offset = appended.first.distance(from: firstPayload)
        return appended.outlines.enumerated().map { position, outline in
            let payload: [UInt8] =
                switch outline.kind {
                case .noop: []
                case .membership: outline.membership!.encode()
                case .command: payloads[offset + position]
                }
            precondition(payload.count == outline.byteCount, "an entry's payload is the one the core was told of")
            return LogEntry(
                index: appended.first.advanced(by: position), term: outline.term, kind: outline.kind, payload: payload)
        }
    }

    func transmit(_ message: Message) {
        switch message.body {
        case .append(let previousIndex, _, let entries, _, _) where !entries.isEmpty:
            transmit(message, entriesAfter: previousIndex, entries)
        case .snapshotChunk(let outline, let offset, let byteCount) where byteCount > 0:
            transmitChunk(message, of: outline, offset: offset, byteCount: byteCount)
        default:
            transmit(message, payloads: [], over: .control)
        }
    }

    private func transmit(_ message: Message, entriesAfter previous: LogIndex, _ entries: [EntryOutline]) {
        do {
            let stored = try log.entries(
                from: previous.next, through: previous.advanced(by: entries.count), maxBytes: Int.max)
            // The log may have been overwritten or compacted while the message was held: then it is void.
            guard stored.count == entries.count, zip(stored, entries).allSatisfy({ $0.term == $1.term }) else { return }
            transmit(message, payloads: stored.map(\.payload), over: .bulk)
        } catch RaftLogError.compacted {
            return  // Out of date: who lacks these entries will be sent a snapshot.
        } catch {
            delegate?.failed(error)
        }
    }

    func transmit(_ message: Message, payloads: [[UInt8]], over channel: Channel) {
        _ = transport?.send(PeerFrame.encode(message, payloads: payloads), to: message.to, over: channel)
    }
}
