import Raft

extension Raft {
    /// A core that has just come up with an empty log. Its election timeout is 10 ticks, and no test reaches its limits.
    static func fixture(_ number: UInt64, of members: [UInt64], term: UInt64 = 0) -> Raft {
        let configuration = RaftConfiguration(
            id: NodeID(number), electionTicks: 10, heartbeatTicks: 2, peerLostStaggerTicks: 1, maxInflightMessages: 8,
            maxInflightBytes: 8 << 20, maxAppendBytes: 8 << 20, maxUncommittedBytes: 8 << 20, randomSeed: 1)
        return Raft(
            configuration: configuration, hardState: HardState(term: Term(term)), log: LogOutline(),
            membership: (.zero, MembershipTests.membership(members)), commit: .zero)
    }
}
