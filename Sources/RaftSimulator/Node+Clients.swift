internal import Raft
internal import RaftLog

/// The node's clients and its state machine.
extension Node {
    func request(_ call: ClientCall) {
        switch call.operation {
        case .read:
            if world.plan.defect == .readsLocally {
                return world.reply(.done(.value(application.registers[call.key])), to: call, from: self)
            }
            lastTag += 1
            openReads[lastTag] = call
            step(.read(tag: lastTag))
        case .put, .compareAndSet:
            // What is applied here is committed: a repeated request may be answered from it.
            if let session = application.registers.session(of: call.request.client),
                session.number == call.request.number
            {
                world.saw(.repeatedRequestDropped)
                return world.reply(.done(session.outcome), to: call, from: self)
            }
            if batch.isEmpty {
                world.add(.batch(position, run: run), after: random.below(world.plan.shape.batchDelay + 1))
            }
            batch.append(call)
        }
    }

    /// Proposes what has gathered.
    func proposeBatch() {
        let calls = batch
        batch.removeAll()
        guard let core, !calls.isEmpty else { return }
        let isLeader = core.status.role == .leader && core.status.established
        // Now and then the core itself is asked, who must know.
        guard isLeader || random.chance(percent: 5) else {
            for call in calls { world.reply(.refused(leader: core.status.leader), to: call, from: self) }
            return
        }
        let payloads = calls.map { call in
            Command(request: call.request, key: call.key, operation: call.operation).encode(padding: call.padding)
        }
        // What was prepared under an earlier reign must not be taken under this one.
        let isLate = core.term > .zero && random.chance(percent: 1)
        let term = isLate ? Term(core.term.rawValue - 1) : core.term
        step(.propose(byteCounts: payloads.map(\.count), term: term), payloads: payloads, calls: calls)
    }

    // MARK: Applying

    func scheduleApply() {
        guard !isApplyScheduled, application.folded < reportedCommit else { return }
        isApplyScheduled = true
        var delay = 1 + random.below(world.plan.shape.applyDelay)
        if slowApplyUntil > world.now {
            delay = max(delay, slowApplyUntil - world.now)
            if let fault = slowApplyFault { world.exercised(fault: fault) }
        }
        world.add(.apply(position, run: run), after: delay)
    }

    func apply() {
        isApplyScheduled = false
        guard application.folded < reportedCommit else { return }
        let through = reportedCommit
        do throws(RaftLogError) {
            for entry in try log!.entries(from: application.folded.next, through: through, maxBytes: 16 << 10) {
                apply(entry)
                guard world.isSound else { return }
            }
        } catch {
            return readFailed(error)
        }
        answerReads()
        scheduleApply()
    }

    private func apply(_ entry: LogEntry) {
        application.folded = entry.index
        application.foldedTerm = entry.term
        if entry.kind == .membership, let membership = Membership(decoding: entry.payload) {
            application.membership = (entry.index, membership)
        }
        // A snapshot may have brought registers that have it already.
        guard entry.index > application.registers.index else { return }
        let command = entry.kind == .command ? try? Command(decoding: entry.payload) : nil
        let result = application.registers.apply(
            command, at: entry.index, remembersRequests: world.plan.defect != .forgetsRequests)
        world.oracle.applied(
            position, id: id, index: entry.index, digest: application.registers.digest, request: command?.request,
            isNew: result?.isNew ?? false)
        if let result, !result.isNew { world.saw(.repeatedRequestDropped) }
        guard let pending = pendingWrites.removeValue(forKey: entry.index) else { return }
        if pending.term == entry.term, let result {
            world.reply(.done(result.outcome), to: pending.call, from: self)
        }
        // Else another leader's entry stands there: the client hears nothing and asks again.
    }

    func answerReads() {
        guard !waitingReads.isEmpty else { return }
        waitingReads.removeAll { index, call in
            guard index <= application.registers.index || world.plan.defect == .readsTooEarly else { return false }
            world.reply(.done(.value(application.registers[call.key])), to: call, from: self)
            return true
        }
    }

    /// The state machine makes itself durable.
    func save() {
        saved = application
        if disk.reads > 0 { world.saw(.logReadFromDisk) }
        if disk.begunSegments > 0 { world.saw(.segmentRotation) }
        disk.reads = 0
        disk.begunSegments = 0
        compact()
    }
}
