internal import Raft
internal import RaftLog

/// The node's disk: group commits that take time, and what follows when they are done.
extension Node {
    /// Begins a group commit if none is under way and anything waits.
    func beginCommit() {
        guard let log, !log.isCommitting, !isEnding else { return }
        do throws(RaftLogError) {
            guard let ticket = try log.beginCommit() else {
                if disk.isFull, !log.hasSpare() { world.saw(.writeWaitedForSpace) }
                return
            }
            writing = ticket
            writingSince = world.now
            var delay = world.isHostile ? random.skewed(typical: world.plan.shape.syncTime) : 200
            if stalledUntil > world.now {
                delay = max(delay, stalledUntil - world.now)
                if let fault = stallFault { world.exercised(fault: fault) }
            }
            world.add(.synced(position, run: run, ticket), after: delay)
            world.wroteSomething(for: delay)
            if let doom {
                world.add(.crash(position, run: run, doom.crash, downFor: doom.downFor), after: random.below(delay))
            }
        } catch {
            world.note("\(id) ends: \(error)")
            if case .system(_, _, 5) = error { end(.failedSync) } else { end(.noSpace) }
        }
    }

    /// The group commit under way is durable.
    func finishCommit() {
        let ticket = writing
        guard ticket > .none else { return }
        do throws(RaftLogError) { try log!.finishCommit() } catch { return world.fail("finishing a commit: \(error)") }
        writing = .none
        disk.settle()
        world.oracle.durable(position, through: ticket)
        // The log's thread tells the loop, which may be busy.
        world.add(.durable(position, run: run, ticket), after: random.below(300))
        beginCommit()
    }

    /// The loop hears of it: messages that waited may go.
    func becameDurable(_ ticket: PersistTicket) {
        guard ticket > durable else { return }
        durable = ticket
        var free = 0
        while free < held.count, held[free].after <= ticket {
            transmit(held[free].message)
            guard isRunning, world.isSound else { return }
            free += 1
        }
        held.removeFirst(free)
        let isWrong = world.plan.defect == .reportsUnaskedWrites && world.now > second
        step(.persisted(isWrong ? PersistTicket(ticket.rawValue + 1_000) : ticket))
    }

    /// Tells the core how the disk fares, when that has changed. Asked on every tick.
    func watchDisk() {
        guard let log else { return }
        var found = DiskHealth.healthy
        if !log.hasSpare() {
            found = .full
        } else if writing > .none, world.now - writingSince > world.plan.shape.electionTimeout {
            found = .stalled
        }
        if found != .full, !log.isCommitting { beginCommit() }
        guard found != health else { return }
        health = found
        switch found {
        case .full:
            world.saw(.diskReportedFull)
            world.exercised(.fullDisk)
        case .stalled: world.saw(.diskReportedStalled)
        case .healthy: break
        }
        step(.disk(found))
    }

    /// Drops the log's old segments: no further than the state machine is durable, and while a snapshot is being sent
    /// what comes after it stays.
    func compact() {
        guard let log, world.plan.defect != .skipsEntries else { return }
        var bound = world.plan.shape.sparesLaggards ? min(compactionFloor, saved.folded) : saved.folded
        for snapshot in core!.snapshotsInUse { bound = min(bound, snapshot.index) }
        guard bound <= reportedCommit, bound > log.firstIndex,
            bound.distance(from: log.firstIndex) >= world.plan.shape.compactionEntries
        else {
            return
        }
        let before = log.firstIndex.previous
        do throws(RaftLogError) { try log.compact(through: bound) } catch { return world.fail("compaction: \(error)") }
        let dropped = log.firstIndex.previous
        guard dropped > before else { return }
        world.saw(.compaction)
        world.note("\(id) compacts through \(dropped)")
        world.oracle.compacted(position, through: dropped.rawValue)
        world.add(.compacted(position, run: run, dropped), after: 0)
    }
}
