public import Raft

/// Finds out, before a node's core may run, whether the node still is who its data directory says.
///
/// A data directory that was emptied, or that is an older copy of itself, has forgotten votes and acknowledgements. If the
/// node spoke under its old name, a second leader could be elected in one term and committed entries be lost (B46). No
/// directory can tell this of itself; the other nodes can. It is a value: events in, effects out, no clock, no I/O.
///
/// ## Starting again
///
/// A node's record has a boot count and a nonce that change with every start and, while it runs, with every renewal
/// (now and then, and when peers come and go). Others remember the newest in their `BootRegister`, durably before they
/// answer. The record also names *witnesses*: other nodes, with their lives. Two rules:
///
/// 1. A new boot claimed at a start is granted when a majority of the witnesses named on disk have recorded it, and all that
///    they know of as witnesses too (from a record that is newer than this disk's). One "stale" from anybody ends it.
/// 2. A new boot made while running, which may name other witnesses, takes the place of the last only when so many of
///    the *old* witnesses have recorded it that no majority of them is without one (a majority; one of two in a cluster
///    of three) and all new ones have.
///
/// *Why an older copy never starts.* Say it was taken at boot b with witnesses W, and the original went on to boot b + 1 or
/// further. By either rule boot b + 1 was recorded by members of every majority of W, and registers only rise. The copy
/// claims boot b + 1 with a nonce of its own, needs a majority of W, so one of those, and hears "stale". If boot b + 1 is the
/// one that the copy has on disk as just begun, that member tells it of the new witnesses, and rule 1 asks those too. The
/// node itself never counts: what it remembers is what is in doubt. That is why a majority "itself counted" would not
/// do: of three, boots told to n3 alone and asked of n2 alone share no node but the one that has forgotten them.
///
/// Witnesses are this node's own affair and don't follow the cluster's membership, so it doesn't matter which
/// memberships came and went since the copy was taken, nor whether a witness knows that it has been removed. Where the
/// members change, the running node makes the new ones its witnesses by rule 2. A later life of a
/// witness stands in for it: its disk is lost, but it vouches for nobody until its own claim is granted, and by then it has
/// learnt what others remember. Should the only witness of a boot lose its disk together with this node, two are lost.
///
/// *All start at once.* Nodes answer from their registers before their own claims are granted: the register is durable,
/// and one that is itself an old copy is as an absent one. With three nodes, one of them may be old (or empty) and is found out;
/// two that were set back at once are more than consensus itself survives.
///
/// *What it costs.* While running, a witness that stays away is replaced after a moment. If it vanishes together with
/// this node, this node waits for it: from what the remaining peer knows, that can't be told from an old copy.
/// `fallbackTicks` decides what then happens: nil waits, for safety; a number goes on after that time when a majority of the
/// members, this node counted, welcomes it.
///
/// *What it can't see.* A copy that was taken after the last renewal: what was promised in between, at most
/// `renewalTicks`, is forgotten unnoticed.
///
/// ## Beginning
///
/// An empty directory asks the founders of its configuration. It founds the cluster, as life 0, when a majority of them,
/// itself counted, has been seen empty, and nobody says that the cluster exists. *A minority of emptied disks never founds
/// a second cluster*: the others are not seen empty, so the majority isn't reached. Where founders are there already that never
/// heard of this number, it may still take its place among them if so many say so that any witness of an earlier beginning would
/// be among them. In all other cases it begins a new life and asks to be admitted.
public struct BootClaim: Sendable {
    public struct Options: Sendable {
        /// Asks that were not answered are repeated so often.
        public var askTicks: Int
        /// How long an empty directory waits for all founders before it decides on fewer.
        public var patienceTicks: Int
        /// Between two renewals.
        public var renewalTicks: Int
        /// From a change among the peers to the renewal that it brings about.
        public var settleTicks: Int
        /// nil: a claim waits for its witnesses. Else how long, before a majority of the members will do.
        public var fallbackTicks: Int?
        /// For nonces; differs from start to start.
        public var randomSeed: UInt64

        public init(
            askTicks: Int, patienceTicks: Int, renewalTicks: Int, settleTicks: Int, fallbackTicks: Int?,
            randomSeed: UInt64
        ) {
            precondition(askTicks > 0 && renewalTicks > 0 && settleTicks > 0, "times are positive")
            self.askTicks = askTicks
            self.patienceTicks = patienceTicks
            self.renewalTicks = renewalTicks
            self.settleTicks = settleTicks
            self.fallbackTicks = fallbackTicks
            self.randomSeed = randomSeed
        }
    }

    public enum Event: Equatable, Sendable {
        case tick
        /// Frames can be sent to this life of a peer.
        case connected(NodeID)
        case lost(NodeID)
        case answered(BootAnswer, from: NodeID)
        /// Comes besides `BootRegister.answer`: what the ask says of the other node, and of this one, is evidence.
        case asked(BootAsk, from: NodeID)
        /// The newest membership that this node knows has changed.
        case membershipChanged(Membership)
    }

    /// To be carried out in order. A `write` is durable before what follows it.
    public enum Effect: Equatable, Sendable {
        case write(NodeIdentity)
        /// May be lost. The driver adds its register's records.
        case ask(NodeID, BootAsk.Subject)
        /// This node is one of the cluster's founders; its identity has the founding membership. `mayRun` comes later.
        case founded(NodeIdentity)
        /// The core may run under this name.
        case mayRun(NodeIdentity)
        /// The data directory is not this life's newest, or the life is over: the core must not run, or must stop. Ends the
        /// claim. What is in the directory is to be set aside, and a new life begun.
        case stale(reason: String)
        /// The directory is empty, and the cluster exists: begin a new life with these witnesses. Ends the claim.
        case joinAsNewLife(reason: String, witnesses: [NodeID])
    }

    /// For people.
    public enum State: String, Sendable {
        case asking, claiming, running, stale, joining
    }

    enum Phase: Sendable {
        case unborn(UnbornPhase)
        case claiming(ClaimingPhase)
        case running(RunningPhase)
        case ended(State)
    }

    let options: Options
    var phase: Phase
    var peers: Set<NodeID> = []
    var membership: Membership
    private var random: SplitMix64

    /// A directory that is empty. `founding` is the membership of the configuration, all in life 0.
    ///
    /// - Parameter mayFound: false if there is other evidence that this node has lived before (a database that is not
    ///   empty, a log that was lost): then it only looks for nodes of the cluster.
    public init(unborn number: UInt64, clusterID: String, founding: Membership, mayFound: Bool, options: Options) {
        self.options = options
        random = SplitMix64(seed: options.randomSeed)
        membership = founding
        phase = .unborn(
            UnbornPhase(number: number, clusterID: clusterID, founding: founding, mayFound: mayFound, nonce: 0))
        _ = nextNonce()
    }

    /// A directory with an identity, or a new life. `membership` is the newest one that its log or snapshot knows.
    public init(stored: NodeIdentity, membership: Membership, options: Options) {
        self.options = options
        self.membership = membership
        random = SplitMix64(seed: options.randomSeed)
        phase = .claiming(ClaimingPhase(identity: stored))
    }

    /// Once, before any event.
    public mutating func start() -> [Effect] {
        var effects: [Effect] = []
        switch phase {
        case .unborn(var unborn):
            unborn.nonce = nextNonce()
            phase = .unborn(unborn)
            decide(unborn, into: &effects)
        case .claiming(let claiming): claim(claiming.identity.nextBoot(nonce: nextNonce()), into: &effects)
        case .running, .ended: preconditionFailure("a claim starts once")
        }
        return effects
    }

    public var state: State {
        switch phase {
        case .unborn: .asking
        case .claiming: .claiming
        case .running: .running
        case .ended(let state): state
        }
    }

    /// As whom this node answers the asks of others.
    public var respondent: BootRegister.Respondent {
        switch phase {
        case .unborn: .unborn
        // A new life has yet to learn what its earlier ones knew.
        case .claiming(let claiming) where claiming.identity.node.life != 0 && claiming.identity.record.boot <= 1:
            .unborn
        case .claiming, .running, .ended: .member(membership)
        }
    }

    /// The newest boot that enough others know of; nil unless the core may run.
    public var knownBoot: UInt64? { if case .running(let running) = phase { running.knownBoot } else { nil } }

    /// What is still waited for, in words; nil when nothing is.
    public var waitingFor: String? {
        switch phase {
        case .unborn(let unborn): unborn.waitingFor
        case .claiming(let claiming): claiming.waitingFor
        case .running, .ended: nil
        }
    }

    public mutating func step(_ event: Event) -> [Effect] {
        var effects: [Effect] = []
        switch event {
        case .connected(let peer): peers.insert(peer)
        case .lost(let peer): peers.remove(peer)
        case .membershipChanged(let newest): membership = newest
        case .tick, .answered, .asked: break
        }
        switch phase {
        case .unborn(let unborn): step(unborn, event, into: &effects)
        case .claiming(let claiming): step(claiming, event, into: &effects)
        case .running(let running): step(running, event, into: &effects)
        case .ended: break
        }
        return effects
    }

    mutating func nextNonce() -> UInt64 { random.next() }

    mutating func end(stale reason: String, into effects: inout [Effect]) {
        phase = .ended(.stale)
        effects.append(.stale(reason: reason))
    }

    /// What others remember of this life must not be newer than what it remembers itself.
    static func objection(to own: BootRecord, in records: [BootRecord], from peer: NodeID) -> String? {
        guard let known = records.first(where: { $0.node == own.node }), !known.isSameBoot(as: own),
            known.boot >= own.boot
        else { return nil }
        return "\(peer) knows boot \(known.boot) of \(own.node); this data directory has come to \(own.boot)"
    }
}
