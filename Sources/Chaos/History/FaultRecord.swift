/// One fault as it happened.
package struct FaultRecord: Codable, Sendable, Equatable {
    package var number: Int
    package var name: String
    /// Microseconds since the run began: from before its first step to after its last.
    package var started: Int64
    package var ended: Int64
    /// Nodes that may fail their clients until they are ready again.
    package var excused: [Int]
    /// What shows that it bit; absent if nothing does.
    package var evidence: String?

    package init(number: Int, name: String, started: Int64, ended: Int64, excused: [Int], evidence: String?) {
        self.number = number
        self.name = name
        self.started = started
        self.ended = ended
        self.excused = excused
        self.evidence = evidence
    }
}
