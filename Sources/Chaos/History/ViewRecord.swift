/// How a node was at a moment, in its own words and in the kernel's.
package struct ViewRecord: Codable, Sendable, Equatable {
    package var node: Int
    /// Microseconds since the run began.
    package var at: Int64
    package var ready: Bool
    package var leader: Int?
    package var term: UInt64?
    package var commit: UInt64?
    package var applied: UInt64?
    /// Which start of which life of the node it is.
    package var boot: String?
    package var residentBytes: Int?
    package var diskBytes: Int?

    package init(
        node: Int, at: Int64, ready: Bool, leader: Int? = nil, term: UInt64? = nil, commit: UInt64? = nil,
        applied: UInt64? = nil, boot: String? = nil, residentBytes: Int? = nil, diskBytes: Int? = nil
    ) {
        self.node = node
        self.at = at
        self.ready = ready
        self.leader = leader
        self.term = term
        self.commit = commit
        self.applied = applied
        self.boot = boot
        self.residentBytes = residentBytes
        self.diskBytes = diskBytes
    }
}
