import Gateway
import Ledger
import Logging
import PeerTransport
import Pipeline
package import Raft
import Replica

/// Keeps the members of the cluster as they are meant to be. As leader: admits nodes that begin anew, gives votes to those
/// that have caught up, makes room for one that can serve better, and does what operators ask.
///
/// All it needs to know stands in the replicated membership, or is said again and again by those who wait; so the next
/// leader goes on where this one stops.
actor Steward {
    /// How long a request waits for the node that it concerns, or for its change to be committed.
    private static let requestTime: Duration = .seconds(4)

    private let node: NodeID
    private let replica: Replica
    private let store: LedgerStore
    private let logger: Logger
    private var applicants = Applicants()
    /// Numbers that an operator's request is about to admit.
    private var expected: Set<UInt64> = []
    private var isChanging = false
    private var watch = PostgresWatch()
    /// As of the last tick.
    private(set) var isPostgresServing = false
    private var succession = Succession()

    init(
        node: NodeID, replica: Replica, store: LedgerStore, logger: Logger
    ) {
        self.node = node
        self.replica = replica
        self.store = store
        self.logger = logger
    }

    private var overview: ReplicaOverview.Content { replica.overview.current }
    private var leads: Bool { overview.status.role == .leader && overview.status.established }

    // MARK: - Applications

    /// A node asks to be admitted.
    func applied(_ applicant: NodeID, address: String, url: String) async {
        guard let address = PeerAddress(address), !overview.membership.contains(applicant), leads else { return }
        if applicants.heard(applicant, contact: MemberContact(address: address, url: url), now: .now) {
            logger.info("a node asks to be admitted", metadata: ["peer": "\(applicant)", "address": "\(address)"])
        }
        if let reason = await readmit(applicant) {
            replica.send(application: ClusterMessage.answer(reason: reason).encode(), to: applicant)
        }
    }

    /// A number that is a member already goes on in its new life, unless its old one is still there. The answer says why
    /// not; nil if there is nothing to say.
    private func readmit(_ newcomer: NodeID) async -> String? {
        let membership = overview.membership
        guard let old = membership.member(number: newcomer.number) else {
            return expected.contains(newcomer.number)
                ? nil : "node \(newcomer.number) is no member: an operator has to add it"
        }
        guard !overview.reachable.contains(old) else {
            return "node \(newcomer.number) is there already, in another life (\(old))"
        }
        guard let contact = applicants.contact(ofNumber: newcomer.number) else { return nil }
        let intent: MemberContact.Intent
        if membership.isVoter(old) {
            intent = .vote
        } else {
            intent = membership.contact(of: old)?.intent ?? .stay
        }
        do throws(BackendError) {
            _ = try await change { membership in
                MembershipChange(
                    voters: membership.voters, learners: membership.learners.filter { $0 != old } + [newcomer],
                    contacts: [newcomer: contact.with(intent).encode()])
            }
            logger.info("a member begins anew", metadata: ["peer": "\(newcomer)", "before": "\(old)"])
            return nil
        } catch {
            return "not now: \(error)"
        }
    }

    // MARK: - Time

    /// To be called several times a second.
    func tick() async {
        applicants.tidy(members: overview.membership, now: .now)
        let progress = store.progress
        isPostgresServing = watch.isServing(
            isConnected: progress.state == .ready, applied: progress.applied, lag: progress.lag, now: .now)
        guard leads else {
            // Whoever leads again gives its PostgreSQL its time again.
            succession = Succession()
            return
        }
        guard !isChanging else { return }
        await promote()
        await makeRoom()
    }

    func heard(from node: NodeID, isReady: Bool) { succession.heard(from: node, isReady: isReady, now: .now) }

    private func makeRoom() async {
        let heir = succession.successor(
            isPostgresServing: isPostgresServing, among: overview.membership.voters, now: .now)
        guard let heir else { return }
        let outcome = await replica.transferLeadership(to: heir)
        logger.notice(
            "PostgreSQL is away or stands still: handing over", metadata: ["to": "\(heir)", "outcome": "\(outcome)"])
    }

    /// Gives the next learner that is meant to vote, and can, its vote. Who can is the core's to say.
    private func promote() async {
        let overview = overview
        guard overview.isMembershipCommitted, !overview.membership.isJoint else { return }
        let promoted = await Promotion.first(of: overview.membership) { promotion throws(BackendError) in
            try await change { promotion.change(of: $0) }
        } refused: { promotion, error in
            logger.debug("not promoted yet", metadata: ["peer": "\(promotion.learner)", "reason": "\(error)"])
        }
        guard let (promotion, index) = promoted else { return }
        logger.info(
            "a learner has caught up and gets a vote",
            metadata: ["peer": "\(promotion.learner)", "index": "\(index)"])
    }

    // MARK: - Requests of operators, at the leader

    func perform(_ request: AdministrationRequest) async throws(BackendError) -> AdministrationResponse {
        switch request {
        case .add(let addition):
            guard overview.membership.member(number: addition.number) == nil else {
                throw .conflict(code: .alreadyMember, detail: "node \(addition.number) is a member")
            }
            return .membership(try await admit(addition, intent: addition.promote ? .vote : .stay))
        case .replace(let number, let addition):
            return .membership(try await replace(number, by: addition))
        case .remove(let number):
            return .membership(try await remove(number))
        case .transfer(let number):
            return .transfer(try await transfer(to: number))
        }
    }

    private func replace(
        _ number: UInt64, by addition: MemberAddition
    ) async throws(BackendError) -> MembershipReceipt {
        let membership = overview.membership
        guard let old = membership.member(number: number) else {
            throw .conflict(code: .memberUnknown, detail: "no member has the number \(number)")
        }
        guard !overview.reachable.contains(old), old != node else {
            throw .conflict(code: .memberAlive, detail: "node \(number) can be reached")
        }
        if addition.number != number, membership.member(number: addition.number) != nil {
            throw .conflict(code: .alreadyMember, detail: "node \(addition.number) is a member")
        }
        return try await admit(addition, intent: .replace(number: number), afterLife: old)
    }

    /// - Parameter afterLife: the one that is replaced; a newcomer of its number may be admitted without us meanwhile.
    private func admit(
        _ addition: MemberAddition, intent: MemberContact.Intent, afterLife: NodeID? = nil
    ) async throws(BackendError) -> MembershipReceipt {
        guard let address = PeerAddress(addition.peerAddress) else {
            throw .internal("the gateway let the address \(addition.peerAddress) pass")
        }
        expected.insert(addition.number)
        defer { expected.remove(addition.number) }
        guard let newcomer = try await applicant(addition.number, afterLife: afterLife) else {
            return try await receipt(of: overview.membershipIndex)
        }
        let contact = MemberContact(address: address, url: addition.url, intent: intent)
        let index = try await change { membership in
            MembershipChange(
                voters: membership.voters,
                learners: membership.learners.filter { $0.number != newcomer.number } + [newcomer],
                contacts: [newcomer: contact.encode()])
        }
        return try await receipt(of: index)
    }

    /// The node that asks under this number; waits for it. Nil if it is a member already, in another life than that one.
    private func applicant(_ number: UInt64, afterLife: NodeID?) async throws(BackendError) -> NodeID? {
        let deadline = ContinuousClock.now + Self.requestTime
        while ContinuousClock.now < deadline {
            let standing = applicants.standing(
                ofNumber: number, afterLife: afterLife, in: overview.membership, isChanging: isChanging, now: .now)
            switch standing {
            case .isMember: return nil
            case .asks(let node): return node
            case .notYet: await pause()
            }
        }
        throw .conflict(code: .nodeNotWaiting, detail: "no node \(number) asks to be admitted")
    }

    private func remove(_ number: UInt64) async throws(BackendError) -> MembershipReceipt {
        let overview = overview
        let old = overview.membership.members.filter { $0.number == number }
        guard !old.isEmpty else {
            throw .conflict(code: .memberUnknown, detail: "no member has the number \(number)")
        }
        let voters = overview.membership.voters.filter { $0.number != number }
        guard !voters.isEmpty else {
            throw .conflict(code: .lastVoter, detail: "node \(number) is the only one that votes")
        }
        let alive = voters.filter { $0 == node || overview.reachable.contains($0) }
        guard alive.count > voters.count / 2 else {
            throw .conflict(
                code: .quorumAtRisk,
                detail: "of the \(voters.count) that would vote, \(alive.count) can be reached")
        }
        let index = try await change { membership in
            MembershipChange(
                voters: membership.voters.filter { $0.number != number },
                learners: membership.learners.filter { $0.number != number })
        }
        return try await receipt(of: index)
    }

    private func transfer(to number: UInt64?) async throws(BackendError) -> TransferReceipt {
        var target: NodeID?
        if let number {
            target = overview.membership.member(number: number)
            guard target != nil else {
                throw .conflict(code: .memberUnknown, detail: "no member has the number \(number)")
            }
        }
        let start = ContinuousClock.now
        let outcome = await replica.transferLeadership(to: target)
        let pause = ContinuousClock.now - start
        switch outcome {
        case .done:
            let status = overview.status
            return TransferReceipt(
                from: node.number, to: status.leader?.number ?? number ?? 0, term: status.term.rawValue,
                pauseMilliseconds: Double(pause / .microseconds(1)) / 1_000)
        case .refused(let refusal): throw BackendError(refusal)
        case .timedOut:
            throw .conflict(code: .transferFailed, detail: "nobody else led within an election timeout")
        }
    }

    // MARK: - Changes

    /// Asks the core for one change; returns where it stands.
    private func change(
        _ target: @Sendable (Membership) -> MembershipChange
    ) async throws(BackendError) -> LogIndex {
        guard !isChanging else { throw .conflict(code: .changeUnderWay, detail: "another change is being made") }
        isChanging = true
        defer { isChanging = false }
        do throws(ChangeRefused) {
            return try await replica.changeMembership(target(overview.membership))
        } catch {
            throw BackendError(error)
        }
    }

    /// Waits until the change is committed and its joint phase, if it has one, is over.
    private func receipt(of index: LogIndex) async throws(BackendError) -> MembershipReceipt {
        let deadline = ContinuousClock.now + Self.requestTime
        while ContinuousClock.now < deadline {
            let overview = overview
            if overview.membershipIndex >= index, overview.isMembershipCommitted, !overview.membership.isJoint {
                return MembershipReceipt(overview, index: index)
            }
            await pause()
        }
        guard overview.commit >= index else { throw .deadlineExceeded }
        return MembershipReceipt(overview, index: index)
    }

    private func pause() async { try? await Task.sleep(for: .milliseconds(5)) }
}

extension MembershipReceipt {
    init(_ overview: ReplicaOverview.Content, index: LogIndex) {
        let membership = overview.membership
        let awaitsVotes = membership.learners.contains { membership.contact(of: $0)?.intent ?? .stay != .stay }
        self.init(
            index: index.rawValue, voters: membership.voters.map(\.number), learners: membership.learners.map(\.number),
            isFinal: overview.isMembershipCommitted && !membership.isJoint && !awaitsVotes)
    }
}

extension Membership {
    /// The member with this number; of two lives of it the one that votes.
    func member(number: UInt64) -> NodeID? {
        let lives = members.filter { $0.number == number }
        return lives.first(where: isVoter) ?? lives.last
    }

    /// Is the number a member in another life than this one?
    package func hasLife(of number: UInt64, besides old: NodeID) -> Bool {
        members.contains { $0.number == number && $0 != old }
    }

    func contact(of member: NodeID) -> MemberContact? { contacts[member].flatMap(MemberContact.init(decoding:)) }
}
