/// Where a log keeps its segments. The real one is a directory; a simulation may put another in its place.
package protocol SegmentStore: Sendable {
    /// Sequence numbers of the segments, ascending.
    func segmentSequences() throws(RaftLogError) -> [UInt64]
    func openSegment(_ sequence: UInt64) throws(RaftLogError) -> SegmentFile
    /// A new segment full of zeros behind `block`; durable, content and name, when the call returns.
    func createSegment(_ sequence: UInt64, byteCount: Int, block: [UInt8]?) throws(RaftLogError) -> SegmentFile
    /// Durable when the call returns.
    func removeSegment(_ sequence: UInt64) throws(RaftLogError)
    /// Makes all names durable.
    func sync() throws(RaftLogError)
    /// What an error calls the segment.
    func path(of sequence: UInt64) -> String
}

/// Where the writer gets its next segment from.
protocol SegmentSupply: Sendable {
    /// Wants segment `sequence` to be ready ahead of its use.
    func prepare(_ sequence: UInt64)
    /// A segment full of zeros, of at least `minimumBytes`.
    func take(_ sequence: UInt64, minimumBytes: Int) throws(RaftLogError) -> SegmentFile
}
