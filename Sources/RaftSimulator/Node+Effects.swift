internal import Raft
internal import RaftLog

/// One event into the core, its effects carried out in their order.
extension Node {
    func step(_ event: Event, payloads: [[UInt8]] = [], calls: [ClientCall] = []) {
        guard core != nil else { return }
        if world.isTracing, event != .tick { world.note("\(id) \(Words.of(event))") }
        world.steps += 1
        var effects = self.effects
        self.effects = []
        effects.removeAll(keepingCapacity: true)
        world.present = position
        core!.step(event, into: &effects)
        world.present = nil
        for effect in effects {
            perform(effect, event: event, payloads: payloads, calls: calls)
            // Its disk may have failed under it: a process that has ended does nothing more.
            guard world.isSound, core != nil else { return }
        }
        self.effects = effects
        world.oracle.check(position, core: core!)
    }

    private func perform(_ effect: Effect, event: Event, payloads: [[UInt8]], calls: [ClientCall]) {
        switch effect {
        case .persist(let ticket, let hardState, let appended):
            persist(ticket, hardState, appended, event: event, payloads: payloads)
        case .resetLog(let ticket, let hardState, let index, let term):
            resetLog(ticket, hardState, index, term)
        case .send(let message, let after):
            if after <= durable || world.plan.defect == .sendsEarly {
                transmit(message)
            } else {
                world.saw(.heldMessage)
                held.append((message, after))
            }
        case .commit(let index):
            reportedCommit = index
            scheduleApply()
        case .proposalAccepted(let first, let count, let term):
            for (offset, call) in calls.prefix(count).enumerated() {
                world.saw(.proposal)
                pendingWrites[first.advanced(by: offset)] = PendingWrite(term: term, call: call)
                if world.plan.defect == .answersUncommitted { world.reply(.done(.written), to: call, from: self) }
            }
        case .proposalRefused(let refusal):
            switch refusal {
            case .notLeader: world.saw(.proposalRefused)
            case .tooMuchUncommitted: world.saw(.proposalOverBound)
            case .transferring: world.saw(.proposalWhileTransferring)
            }
            for call in calls { world.reply(.refused(leader: core?.status.leader), to: call, from: self) }
        case .readReady(let tag, let index):
            guard let call = readEnds(tag) else { return }
            world.saw(.read)
            if core!.status.role != .leader { world.saw(.forwardedRead) }
            waitingReads.append((index, call))
            answerReads()
        case .readRefused(let tag):
            guard let call = readEnds(tag) else { return }
            world.saw(.readRefused)
            world.reply(.refused(leader: core?.status.leader), to: call, from: self)
        case .statusChanged(let status):
            world.note("\(id) \(Words.of(status))")
            if status.role == .leader, !wasLeader { world.saw(.election) }
            if status.role != .leader, wasLeader { world.saw(.leaderSteppedDown) }
            wasLeader = status.role == .leader
        case .compactionFloor(let index):
            compactionFloor = index
            compact()
        case .membershipAccepted, .membershipRefused, .membershipChanged, .transferEnded:
            membershipEffect(effect)
        case .snapshotWanted, .storeChunk, .installSnapshot:
            snapshotEffect(effect, payloads: payloads)
        }
    }

    private func readEnds(_ tag: UInt64) -> ClientCall? {
        let call = openReads.removeValue(forKey: tag)
        if call == nil { world.fail("\(id) answers read \(tag) twice, or after a restart") }
        return call
    }

    private func membershipEffect(_ effect: Effect) {
        world.note("\(id) \(effect)")
        switch effect {
        case .membershipAccepted: world.saw(.membershipAccepted)
        case .membershipRefused: world.saw(.membershipRefused)
        case .membershipChanged(let membership, let index, let isCommitted):
            if index < newestMembership { world.saw(.membershipTakenBack) }
            newestMembership = index
            if membership.isJoint, isCommitted { world.saw(.jointMembership) }
        case .transferEnded(let tag, let outcome):
            guard openTransfers.remove(tag) != nil else { return world.fail("\(id) ends transfer \(tag) twice") }
            switch outcome {
            case .done:
                world.saw(.transferDone)
                world.exercised(.transfer)
            case .refused: world.saw(.transferRefused)
            case .timedOut: world.saw(.transferTimedOut)
            }
        default: break
        }
    }

    // MARK: Writes

    private func persist(
        _ ticket: PersistTicket, _ hardState: HardState?, _ appended: AppendedEntries?, event: Event,
        payloads: [[UInt8]]
    ) {
        let entries = appended.map { join($0, of: event, payloads: payloads) } ?? []
        if let first = appended?.first, first <= log!.lastIndex { world.saw(.overwrittenSuffix) }
        world.oracle.wrote(
            position, id: id, ticket: ticket, hardState: hardState, first: appended?.first.rawValue ?? 0,
            entries: entries.map { ($0.term, $0.kind, $0.payload) })
        guard world.isSound else { return }
        var hardState = hardState
        if world.plan.defect == .losesVotes { hardState?.vote = nil }
        log!.persist(ticket: ticket, hardState: hardState, entries: entries)
        if world.plan.defect == .trustsUnsyncedWrites {
            world.add(.durable(position, run: run, ticket), after: 1)
        }
        beginCommit()
    }

    private func resetLog(_ ticket: PersistTicket, _ hardState: HardState?, _ index: LogIndex, _ term: Term) {
        world.saw(.logReset)
        world.note("\(id) resets its log to \(index)")
        world.oracle.wroteReset(
            position, id: id, ticket: ticket, hardState: hardState, index: index.rawValue, term: term.rawValue)
        world.oracle.told(position, of: application.membership.1, at: index.rawValue)
        guard world.isSound else { return }
        log!.reset(ticket: ticket, hardState: hardState, baseIndex: index, baseTerm: term)
        beginCommit()
    }

    /// Gives the entries that the core wants written their payloads.
    private func join(_ appended: AppendedEntries, of event: Event, payloads: [[UInt8]]) -> [LogEntry] {
        var firstPayload: LogIndex?
        if case .receive(let message) = event, case .append(let previousIndex, _, _, _, _) = message.body {
            firstPayload = previousIndex.next
        } else if case .propose = event {
            firstPayload = appended.first
        }
        var entries: [LogEntry] = []
        entries.reserveCapacity(appended.outlines.count)
        for (place, outline) in appended.outlines.enumerated() {
            let index = appended.first.advanced(by: place)
            let payload: [UInt8] =
                switch outline.kind {
                case .noop: []
                case .membership: outline.membership!.encode()
                case .command: payloads[index.distance(from: firstPayload!)]
                }
            precondition(payload.count == outline.byteCount, "an entry's payload is the one the core was told of")
            entries.append(LogEntry(index: index, term: outline.term, kind: outline.kind, payload: payload))
        }
        return entries
    }

    // MARK: Network

    func transmit(_ message: Message) {
        var payloads: [[UInt8]] = []
        switch message.body {
        case .append(let previousIndex, _, let entries, _, _) where !entries.isEmpty:
            do throws(RaftLogError) {
                let through = previousIndex.advanced(by: entries.count)
                let stored = try log!.entries(from: previousIndex.next, through: through, maxBytes: .max)
                // The log may have been overwritten or compacted while the message was held: then it is void.
                guard stored.count == entries.count, zip(stored, entries).allSatisfy({ $0.term == $1.term }) else {
                    return
                }
                payloads = stored.map(\.payload)
            } catch .compacted {
                return
            } catch {
                return readFailed(error)
            }
        case .snapshotChunk(let outline, let offset, let byteCount):
            guard let file = outgoing.first(where: { $0.outline.id == outline.id }) else { return }
            payloads = [Array(file.bytes[offset..<offset + byteCount])]
        default: break
        }
        world.oracle.sent(message, by: position)
        world.transmit(Envelope(message: message, payloads: payloads, receiverRun: 0))
    }
}
