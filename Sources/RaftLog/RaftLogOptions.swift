public import Logging

/// Where a log lives and how much it may take.
public struct RaftLogOptions: Sendable {
    /// Created (mode 0700) if its parent exists.
    public var directory: String
    public var identity: LogIdentity
    /// Size of a segment file: 8 KiB to 1 GiB, a multiple of 4 KiB. A record that doesn't fit gets a segment of its size.
    public var segmentBytes: Int
    /// Bound on the payload bytes of recent entries kept in memory. Entries that are not yet durable stay above it.
    public var cacheBytes: Int
    /// How often a segment that could not be made is tried again. At least 1.
    public var segmentRetryMilliseconds = 1000
    public var logger: Logger

    public init(
        directory: String, identity: LogIdentity, segmentBytes: Int = 64 << 20, cacheBytes: Int = 64 << 20,
        logger: Logger = Logger(label: "redoubt.log")
    ) {
        self.directory = directory
        self.identity = identity
        self.segmentBytes = segmentBytes
        self.cacheBytes = cacheBytes
        self.logger = logger
    }

    func validate() throws(RaftLogError) {
        guard segmentBytes >= 8 << 10, segmentBytes <= 1 << 30, segmentBytes.isMultiple(of: SegmentHeader.blockBytes)
        else {
            throw .invalidOption(
                field: "segmentBytes", reason: "\(segmentBytes) is not a multiple of 4096 between 8192 and 1073741824")
        }
        guard cacheBytes >= 0 else { throw .invalidOption(field: "cacheBytes", reason: "\(cacheBytes) is negative") }
        guard segmentRetryMilliseconds >= 1 else {
            throw .invalidOption(
                field: "segmentRetryMilliseconds", reason: "\(segmentRetryMilliseconds) is not positive")
        }
        let name = identity.clusterID.utf8
        guard (1...SegmentHeader.maximumClusterIDBytes).contains(name.count),
            name.allSatisfy({ (0x20...0x7E).contains($0) })
        else {
            throw .invalidOption(
                field: "clusterID", reason: "\"\(identity.clusterID)\" is not 1 to 64 ASCII characters")
        }
    }
}
