/// What a run has really exercised, beside its planned faults.
package enum Evidence: Int, CaseIterable, Sendable {
    case election, leaderSteppedDown, heldMessage, overwrittenSuffix, compaction, segmentRotation
    case messageLost, messageDuplicated, messageReordered, linkOverflow
    case unsyncedWritesLost, tornTail, crashDuringRecovery, damageFound, logReadFromDisk
    case proposal, proposalRefused, proposalOverBound, read, forwardedRead, readRefused
    case membershipAccepted, membershipRefused, jointMembership, learnerPromoted, memberReplaced, memberRemoved
    case membershipTakenBack, transferDone, transferRefused, transferTimedOut, proposalWhileTransferring
    case snapshotWanted, snapshotSent, snapshotInstalled, snapshotFailed, logReset, crashDuringInstall,
        installFinishedAtStart
    case diskReportedStalled, diskReportedFull, writeWaitedForSpace
    case requestRetried, repeatedRequestDropped, outcomeUnknown, peerLost
}

/// Counters, by kind.
package struct Tally: Sendable {
    private var counts: [Int]
    package private(set) var planned: [Int]
    package private(set) var exercised: [Int]

    package init() {
        counts = Array(repeating: 0, count: Evidence.allCases.count)
        planned = Array(repeating: 0, count: FaultKind.allCases.count)
        exercised = planned
    }

    package subscript(evidence: Evidence) -> Int { counts[Self.place(of: evidence)] }

    mutating func saw(_ evidence: Evidence, times: Int = 1) { counts[Self.place(of: evidence)] += times }
    mutating func plan(_ kind: FaultKind) { planned[Self.place(of: kind)] += 1 }
    mutating func exercise(_ kind: FaultKind) { exercised[Self.place(of: kind)] += 1 }

    package func planned(_ kind: FaultKind) -> Int { planned[Self.place(of: kind)] }
    package func exercised(_ kind: FaultKind) -> Int { exercised[Self.place(of: kind)] }

    package mutating func add(_ other: Tally) {
        for place in counts.indices { counts[place] += other.counts[place] }
        for place in planned.indices {
            planned[place] += other.planned[place]
            exercised[place] += other.exercised[place]
        }
    }

    private static func place(of evidence: Evidence) -> Int { evidence.rawValue }
    private static func place(of kind: FaultKind) -> Int { kind.rawValue }
}
