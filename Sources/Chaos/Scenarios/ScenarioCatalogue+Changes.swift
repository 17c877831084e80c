extension ScenarioCatalogue {
    /// What operators do does not wait for a quiet hour.
    static let changes = Scenario(
        name: "changes", summary: "Members go and come back, and leaders hand over, while something else is wrong.",
        round: { sequence, random in
            let isOfMembers = random.oneIn(2)
            sequence.then(trouble(&random, sparesProcesses: isOfMembers), for: 3_000...5_000, rest: 4_000...7_000)
            sequence.within(isOfMembers ? MembershipFault() : TransferFault(), for: 500...1_500)
        }, milliseconds: 60_000)

    /// - Parameter sparesProcesses: nothing that would end with the process or the PostgreSQL of a member that goes.
    private static func trouble(_ random: inout SeededRandom, sparesProcesses: Bool) -> any Fault {
        let target: Target = random.oneIn(2) ? .leader : .follower
        switch Int.random(in: 0..<(sparesProcesses ? 10 : 13), using: &random) {
        case 0: return PartitionFault(.isolated, of: target)
        case 1: return PartitionFault(.blackhole, of: target)
        case 2: return PartitionFault(.sendOnly, of: target)
        case 3: return PartitionFault(.receiveOnly, of: target)
        case 4: return PartitionFault(.bridge)
        case 5: return FlappingFault(target)
        case 6: return LossFault(share: 0.1)
        case 7: return SlowLinkFault(target, kilobitsPerSecond: 192)
        case 8: return DiskStallFault(target)
        // Who is dead already is not the member that goes.
        case 9: return KillFault([target])
        case 10: return PauseFault(target)
        case 11: return PostgresKillFault(target)
        default: return LockedTableFault(target)
        }
    }
}
