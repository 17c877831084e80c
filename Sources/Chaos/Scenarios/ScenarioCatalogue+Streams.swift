extension ScenarioCatalogue {
    /// What comes in through Kafka, and what goes out to those who wait for alerts.
    static let streams = [
        Scenario(
            name: "kafka",
            summary: "Payments come through Kafka too, alerts go to a receiver; kills and partitions meanwhile.",
            usesKafka: true, receivesAlerts: true,
            round: { sequence, random in
                let faults: [(any Fault, ClosedRange<Int>)] = [
                    (KillFault([.leader]), 500...4_000),
                    (KillFault([.follower]), 500...4_000),
                    (PostgresKillFault(random.oneIn(2) ? .leader : .follower), 500...4_000),
                    (PartitionFault(.isolated), 2_000...5_000),
                    // Long enough for others to be given its partitions.
                    (PartitionFault(.blackhole), 8_000...10_000),
                ]
                for (fault, duration) in faults.shuffled(using: &random) { sequence.then(fault, for: duration) }
            }, milliseconds: 30_000),
        Scenario(
            name: "alerts", summary: "Alerts go to a receiver while one leader after the other is lost.",
            receivesAlerts: true,
            round: { sequence, random in
                let faults: [(any Fault, ClosedRange<Int>)] = [
                    (KillFault([.leader]), 500...4_000),
                    (PauseFault(.leader), 1_500...5_000),
                    (PartitionFault(.blackhole), 2_000...5_000),
                    (TransferFault(count: 1), 300...1_500),
                ]
                for (fault, duration) in faults.shuffled(using: &random) { sequence.then(fault, for: duration) }
            }),
    ]
}
