extension ScenarioCatalogue {
    /// Everything that leaves disks whole, in any order, now and then two at once.
    static let mixed = Scenario(
        name: "mixed", summary: "All kinds of faults, now and then while another lasts.",
        round: { sequence, random in
            let fault = major(&random)
            sequence.then(fault, for: 1_500...5_000, rest: 4_000...7_000)
            // Where processes have ended or stand still, nothing on top would bite.
            let leavesProcesses = !(fault is KillFault || fault is PowerLossFault || fault is PauseFault)
            if leavesProcesses, random.oneIn(3) { sequence.within(minor(over: fault, &random), for: 500...1_500) }
        }, milliseconds: 120_000)

    private static func major(_ random: inout SeededRandom) -> any Fault {
        let target: Target = random.oneIn(2) ? .leader : .follower
        switch Int.random(in: 0..<16, using: &random) {
        case 0: return PartitionFault(.isolated, of: target)
        case 1: return PartitionFault(.blackhole, of: target)
        case 2: return PartitionFault(.sendOnly, of: target)
        case 3: return PartitionFault(.receiveOnly, of: target)
        case 4: return PartitionFault(.bridge)
        case 5: return PartitionFault(.everyone)
        case 6: return FlappingFault(target)
        case 7: return LossFault(share: 0.1)
        case 8: return SlowLinkFault(target, kilobitsPerSecond: 128)
        case 9: return KillFault([target])
        case 10: return KillFault(nil, withPostgres: true)
        case 11: return PauseFault(random.oneIn(3) ? nil : target)
        case 12: return DiskStallFault(target)
        case 13: return PowerLossFault(random.oneIn(2) ? nil : target)
        case 14: return PostgresKillFault(random.oneIn(3) ? nil : target)
        default: return LockedTableFault(target)
        }
    }

    /// What may come on top: nothing that needs an operator's change to go through, nothing that bites only now and then,
    /// for the time is short, and nothing that ends what the fault beneath has done to a PostgreSQL.
    private static func minor(over fault: any Fault, _ random: inout SeededRandom) -> any Fault {
        let target = Target.node(Int.random(in: 1...3, using: &random))
        let sparesPostgres = fault is PostgresKillFault || fault is LockedTableFault
        return sparesPostgres || random.oneIn(2) ? PartitionFault(.isolated, of: target) : PostgresKillFault(target)
    }
}
