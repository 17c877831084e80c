/// All scenarios, by name.
package enum ScenarioCatalogue {
    package static let all = partitions + processes + disks + databases + others + streams + [changes, mixed]

    package static func named(_ name: String) -> Scenario? { all.first { $0.name == name } }

    /// Runs for an hour where nobody says otherwise.
    package static var nightly: Scenario {
        var scenario = mixed
        scenario.milliseconds = 3_600_000
        return scenario
    }

    private static let partitions = [
        Scenario.repeating(
            "partition-leader", "The leader is cut off from the others.", isQuick: true, for: 2_000...5_000
        ) { _ in PartitionFault(.isolated) },
        Scenario.repeating("partition-follower", "A follower is cut off from the others.", for: 2_000...5_000) { _ in
            PartitionFault(.isolated, of: .follower)
        },
        Scenario.repeating("partition-everyone", "Nobody reaches anybody.", for: 1_000...4_000) { _ in
            PartitionFault(.everyone)
        },
        Scenario.repeating("blackhole", "The leader is cut off from everybody, clients too.", for: 2_000...5_000) { _ in
            PartitionFault(.blackhole)
        },
        Scenario.repeating(
            "one-way", "The leader is heard and hears nothing, or hears and is not heard.", isQuick: true,
            for: 2_000...5_000
        ) { random in PartitionFault(random.oneIn(2) ? .sendOnly : .receiveOnly) },
        Scenario.repeating("bridge", "The leader reaches one voter, and that one both.", for: 2_000...6_000) { _ in
            PartitionFault(.bridge)
        },
        Scenario.repeating("flapping", "A node's cables are cut and joined all the time.", for: 4_000...8_000) {
            random in
            FlappingFault(random.oneIn(2) ? .leader : .follower)
        },
        Scenario.repeating("loss", "A share of the packets between nodes is lost.", for: 4_000...8_000) { random in
            LossFault(share: [0.02, 0.1, 0.3].randomElement(using: &random)!)
        },
        Scenario.repeating("slow-link", "What a node sends goes at a crawl.", for: 3_000...6_000) { random in
            SlowLinkFault(random.oneIn(2) ? .leader : .follower, kilobitsPerSecond: random.oneIn(2) ? 64 : 192)
        },
        Scenario.repeating(
            "delay", "What the leader says and hears is late.", hasRelays: true, for: 4_000...8_000
        ) { _ in DelayFault(.leader, milliseconds: 40, jitter: 20) },
        Scenario.repeating(
            "repeats", "Connections break after delivery, so that senders repeat.", hasRelays: true,
            for: 5_000...8_000
        ) { random in RepeatingFault(random.oneIn(3) ? .follower : .leader, lifeMilliseconds: 1_500) },
    ]

    private static let processes = [
        Scenario.repeating("kill-leader", "The leader's process ends and comes back.", isQuick: true, for: 500...4_000)
        { _ in
            KillFault([.leader])
        },
        Scenario.repeating("kill-follower", "A follower's process ends and comes back.", for: 500...4_000) { _ in
            KillFault([.follower])
        },
        Scenario.repeating(
            "kill-all", "All processes end at once, the PostgreSQLs' too.", isQuick: true, for: 300...2_000
        ) { _ in KillFault(nil, withPostgres: true) },
        Scenario.repeating("pause", "Processes stand still and go on.", for: 1_500...5_000) { random in
            PauseFault([.leader, .follower, nil].randomElement(using: &random)!)
        },
    ]

    private static let disks = [
        Scenario.repeating("disk-stall", "A node's disk takes nothing for a while.", for: 3_000...6_000) { random in
            DiskStallFault(random.oneIn(3) ? .follower : .leader)
        },
        Scenario.repeating(
            "power-loss", "Nodes end, and what they had not synced is gone.", isQuick: true, for: 300...2_000
        ) { random in PowerLossFault(random.oneIn(3) ? .leader : nil) },
        Scenario.repeating("disk-full", "No space is left for a node's data.", dataMegabytes: 400, for: 4_000...8_000) {
            random in
            DiskFullFault(random.oneIn(2) ? .leader : .follower)
        },
        Scenario.repeating("bit-flip", "A bit of a node's log is another.", for: 3_000...5_000) { _ in
            BitFlipFault(.log, of: .follower)
        },
        Scenario.repeating("bit-flip-identity", "A bit of what a node knows of itself is another.", for: 3_000...5_000)
        { _ in
            BitFlipFault(.identity, of: .follower)
        },
        Scenario.repeating(
            "bit-flip-checkpoint", "A bit of a node's newest checkpoint is another.", for: 3_000...5_000
        ) { _ in BitFlipFault(.checkpoint, of: .follower) },
        Scenario.repeating(
            "bit-flip-snapshot", "A bit of a snapshot is another that a node was installing.", for: 3_000...5_000
        ) { _ in BitFlipFault(.snapshot, of: .follower) },
        Scenario.repeating("wiped-disk", "A node loses all it has, and is admitted again.", for: 1_000...3_000) {
            random in
            WipedDiskFault(random.oneIn(2) ? .leader : .follower)
        },
    ]

    private static let databases = [
        Scenario.repeating("kill-postgres", "PostgreSQLs end as by a crash.", isQuick: true, for: 500...4_000) {
            random in
            PostgresKillFault([.leader, .follower, nil].randomElement(using: &random)!)
        },
        Scenario.repeating("locked-table", "Somebody holds a node's table.", for: 3_000...6_000) { random in
            LockedTableFault(random.oneIn(2) ? .leader : .follower)
        },
        Scenario.repeating("no-connections", "Others have all of a PostgreSQL's connections.", for: 3_000...6_000) {
            random in
            NoConnectionsFault(random.oneIn(2) ? .leader : .follower)
        },
        Scenario.repeating("older-postgres", "A node's PostgreSQL goes back to an older copy.", for: 500...1_500) {
            random in
            OlderPostgresFault(random.oneIn(2) ? .leader : .follower)
        },
    ]

    private static let others = [
        Scenario.repeating("clock-jump", "The leader's clock jumps ahead and back.", for: 4_000...6_000) { _ in
            ClockJumpFault(seconds: 3_600)
        },
        Scenario.repeating("transfer", "The leadership is handed over.", for: 300...1_500) { random in
            TransferFault(count: Int.random(in: 1...3, using: &random))
        },
        Scenario.repeating("maintenance", "The leader goes into maintenance.", for: 2_000...4_000) { _ in
            MaintenanceFault()
        },
        Scenario.repeating("remove-and-add", "A member is taken out and comes back as another.", for: 1_000...3_000) {
            _ in
            MembershipFault()
        },
    ]
}
