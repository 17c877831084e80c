/// Ways in which a leader is lost, and what each may cost.
package enum FailoverKind: String, CaseIterable, Sendable, Codable {
    case crash, blackhole
    case sendOnly = "send-only"
    case receiveOnly = "receive-only"
    case stop
    case diskStall = "disk-stall"
    case transfer

    var fault: any Fault {
        switch self {
        case .crash: KillFault([.leader])
        case .blackhole: PartitionFault(.blackhole)
        case .sendOnly: PartitionFault(.sendOnly)
        case .receiveOnly: PartitionFault(.receiveOnly)
        case .stop: PauseFault(.leader)
        case .diskStall: DiskStallFault(.leader)
        case .transfer: TransferFault()
        }
    }

    /// In namespaces only.
    package var needsNetwork: Bool { fault.needs.contains(.network) }

    /// The 99th percentile may be this, in milliseconds.
    package var limitMilliseconds: Double {
        switch self {
        case .crash: 500
        case .blackhole, .sendOnly, .receiveOnly, .stop: 1_500
        case .diskStall: 3_000
        case .transfer: 150
        }
    }
}
