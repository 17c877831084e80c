/// Whom a fault is meant for; found out when it strikes.
package enum Target: Equatable, Sendable {
    /// The node at this position.
    case node(Int)
    case leader
    /// One of those that do not lead.
    case follower(Int)
}

/// Which lines are cut. Nodes are bits of a mask, by position.
package enum Cut: Equatable, Sendable {
    case isolated(Target)
    /// The nodes of the mask on one side, the others on the other one.
    case split(UInt32)
    /// What nodes of the first mask send to nodes of the second one is lost; answers get through.
    case oneWay(from: UInt32, to: UInt32)
    /// The target hears everyone and nobody hears it, or the other way round.
    case mute(Target)
    case deaf(Target)
    /// Two sides that only the target can talk to.
    case bridge(Target, UInt32)
}

/// Something that goes wrong at a planned time.
package enum Fault: Equatable, Sendable {
    case kill(Target, downFor: Microseconds)
    case powerLoss(Target, downFor: Microseconds)
    /// All nodes lose power at once.
    case blackout(downFor: Microseconds)
    case pause(Target, lasting: Microseconds)
    case partition(Cut, lasting: Microseconds)
    case flapping(Cut, period: Microseconds, lasting: Microseconds)
    /// Every message takes longer by up to this much.
    case slowNetwork(by: Microseconds, lasting: Microseconds)
    /// Messages are kept on the way, and arrive together in the end.
    case clog(from: UInt32, to: UInt32, lasting: Microseconds)
    case loss(percent: Int, lasting: Microseconds)
    case duplication(percent: Int, lasting: Microseconds)
    case stalledDisk(Target, lasting: Microseconds)
    case fullDisk(Target, lasting: Microseconds)
    /// The next sync fails: the process ends.
    case syncError(Target, downFor: Microseconds)
    /// A bit flips on a disk; found when the node starts again, or when it reads the record.
    case bitRot(Target, segment: Int, downFor: Microseconds)
    /// The whole disk is gone.
    case wipe(Target, downFor: Microseconds)
    /// The kernel reports broken connections to a node that is well.
    case falseAlarm(Target)
    /// The state machine stands still.
    case slowApply(Target, lasting: Microseconds)
    /// A bit flips in a snapshot that is being sent or received.
    case snapshotRot(Target)
    /// Whoever runs the cluster wants these numbers to vote from now on, and no others.
    case membershipChange(voters: UInt32)
    /// Another leader is wanted: the one with this number, or any.
    case transfer(to: Int?)
    /// The node may not lead.
    case maintenance(Target, lasting: Microseconds)
}

/// The kinds of faults, as plans and reports name them.
package enum FaultKind: Int, CaseIterable, Sendable {
    case kill, powerLoss, blackout, pause, isolation, split, oneWay, mute, deaf, bridge, flapping, slowNetwork, clog
    case loss, duplication, stalledDisk, fullDisk, syncError, bitRot, wipe, falseAlarm, slowApply
    case snapshotRot, membershipChange, transfer, maintenance
}

extension Fault {
    package var kind: FaultKind {
        switch self {
        case .kill: .kill
        case .powerLoss: .powerLoss
        case .blackout: .blackout
        case .pause: .pause
        case .partition(let cut, _):
            switch cut {
            case .isolated: .isolation
            case .split: .split
            case .oneWay: .oneWay
            case .mute: .mute
            case .deaf: .deaf
            case .bridge: .bridge
            }
        case .flapping: .flapping
        case .slowNetwork: .slowNetwork
        case .clog: .clog
        case .loss: .loss
        case .duplication: .duplication
        case .stalledDisk: .stalledDisk
        case .fullDisk: .fullDisk
        case .syncError: .syncError
        case .bitRot: .bitRot
        case .wipe: .wipe
        case .falseAlarm: .falseAlarm
        case .slowApply: .slowApply
        case .snapshotRot: .snapshotRot
        case .membershipChange: .membershipChange
        case .transfer: .transfer
        case .maintenance: .maintenance
        }
    }

    /// How long it lasts; zero for what is over at once.
    var duration: Microseconds {
        switch self {
        case .pause(_, let time), .partition(_, let time), .flapping(_, _, let time), .slowNetwork(_, let time),
            .clog(_, _, let time), .loss(_, let time), .duplication(_, let time), .stalledDisk(_, let time),
            .fullDisk(_, let time), .slowApply(_, let time), .maintenance(_, let time):
            time
        case .kill, .powerLoss, .blackout, .syncError, .bitRot, .wipe, .falseAlarm, .snapshotRot, .membershipChange,
            .transfer:
            0
        }
    }
}
