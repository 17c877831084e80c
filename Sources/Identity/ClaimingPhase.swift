internal import Raft

/// A boot that is on disk and not yet granted.
struct ClaimingPhase: Sendable {
    var identity: NodeIdentity
    /// Of each a majority must be heard: the witnesses on this node's disk, and later ones that it has been told of.
    var required: [[NodeID]] = []
    var heard: Set<NodeID> = []
    var ticks = 0

    func isGranted(amongMembers others: [NodeID]) -> Bool {
        required.allSatisfy { witnesses in
            // A founder that was alone has none; should it have company since, a majority of that must do.
            witnesses.isEmpty ? isWelcome(to: others) : WitnessQuorum.isSatisfied(witnesses, by: heard)
        }
    }

    /// Whether a majority of the members, this node counted, has recorded the claim.
    func isWelcome(to others: [NodeID]) -> Bool {
        others.count(where: heard.contains) + 1 >= WitnessQuorum.majority(of: others.count + 1)
    }

    var waitingFor: String {
        let missing = Set(required.joined()).subtracting(heard).sorted()
        return "waiting for " + missing.map(\.description).joined(separator: ", ") + " to know boot "
            + "\(identity.record.boot) of \(identity.node)"
    }
}

extension BootClaim {
    /// Begins to claim what `identity` says. An effect makes it durable first.
    mutating func claim(_ identity: NodeIdentity, into effects: inout [Effect]) {
        var claiming = ClaimingPhase(identity: identity)
        claiming.required = [identity.record.witnesses]
        phase = .claiming(claiming)
        effects.append(.write(identity))
        for peer in peers.sorted() { effects.append(.ask(peer, .claim(identity.record))) }
        grantIfHeard(claiming, into: &effects)
    }

    mutating func step(_ claiming: ClaimingPhase, _ event: Event, into effects: inout [Effect]) {
        var claiming = claiming
        let own = claiming.identity.record
        switch event {
        case .tick:
            claiming.ticks += 1
            if claiming.ticks % options.askTicks == 0 {
                for peer in peers.sorted() { effects.append(.ask(peer, .claim(own))) }
            }
        case .connected(let peer): effects.append(.ask(peer, .claim(own)))
        case .asked(let ask, let peer):
            if let objection = Self.objection(to: own, in: ask.records, from: peer) {
                end(stale: objection, into: &effects)
                return
            }
        case .answered(let answer, let peer):
            if let objection = Self.objection(to: own, in: answer.records, from: peer) ?? refusal(answer, own, peer) {
                end(stale: objection, into: &effects)
                return
            }
            if case .welcome(let known) = answer.verdict, answer.nonce == own.nonce {
                claiming.heard.insert(peer)
                if let known, !known.isSameBoot(as: own), !claiming.required.contains(known.witnesses) {
                    claiming.required.append(known.witnesses)
                }
            }
        case .lost, .membershipChanged: break
        }
        phase = .claiming(claiming)
        grantIfHeard(claiming, into: &effects)
    }

    private mutating func grantIfHeard(_ claiming: ClaimingPhase, into effects: inout [Effect]) {
        let others = others(than: claiming.identity.node)
        let isOverdue = options.fallbackTicks.map { claiming.ticks >= $0 } ?? false
        guard claiming.isGranted(amongMembers: others) || isOverdue && claiming.isWelcome(to: others) else { return }
        phase = .running(
            RunningPhase(
                identity: claiming.identity, dueTicks: options.settleTicks, knownBoot: claiming.identity.record.boot))
        effects.append(.mayRun(claiming.identity))
    }

    /// Why an answer ends the claim; nil if it doesn't.
    func refusal(_ answer: BootAnswer, _ own: BootRecord, _ peer: NodeID) -> String? {
        guard answer.nonce == own.nonce else { return nil }
        switch answer.verdict {
        case .stale(let known):
            return "\(peer) knows boot \(known.boot) of \(own.node); this data directory has come to \(own.boot)"
        case .otherLife(let heir): return "\(peer) knows n\(own.node.number) under another life, as \(heir)"
        case .unborn, .exists, .welcome: return nil
        }
    }

    func others(than node: NodeID) -> [NodeID] { membership.members.filter { $0 != node } }
}
