internal import Bytes
public import Raft

/// Who a node is, as its data directory says: the file `identity`.
public struct NodeIdentity: Equatable, Sendable {
    /// 1 to 64 bytes.
    public let clusterID: String
    /// Its number and life, its newest boot and who witnesses it.
    public let record: BootRecord
    /// The members that founded the cluster, if this node is one of them; else `.none`.
    public let founding: Membership
    /// Whether this life has ever had a log. If it had and there is none, the log was lost: the life is over.
    public let hasLog: Bool

    public init(clusterID: String, record: BootRecord, founding: Membership, hasLog: Bool = false) {
        self.clusterID = clusterID
        self.record = record
        self.founding = founding
        self.hasLog = hasLog
    }

    /// A life that begins with an empty directory, beside the cluster's founders. `life` is random and not zero;
    /// `witnesses` are the nodes that have told it of the cluster.
    public static func newLife(clusterID: String, number: UInt64, life: UInt64, witnesses: [NodeID]) -> NodeIdentity {
        precondition(life != 0, "life 0 is a founder's")
        let record = BootRecord(
            node: NodeID(number: number, life: life), boot: 0, nonce: 0, witnesses: witnesses)
        return NodeIdentity(clusterID: clusterID, record: record, founding: .none)
    }

    public var node: NodeID { record.node }

    /// The same life's next boot. To be durable before anything is said under it.
    public func nextBoot(nonce: UInt64) -> NodeIdentity {
        with(BootRecord(node: node, boot: record.boot + 1, nonce: nonce, witnesses: record.witnesses))
    }

    func with(_ record: BootRecord) -> NodeIdentity {
        NodeIdentity(clusterID: clusterID, record: record, founding: founding, hasLog: hasLog)
    }

    /// To be written when the log is there, and before its core may run.
    public func havingLog() -> NodeIdentity {
        NodeIdentity(clusterID: clusterID, record: record, founding: founding, hasLog: true)
    }

    // MARK: File

    private static let magic = "RDBTIDN1"

    /// nil if the file is not there: an empty directory.
    public static func read(path: String) throws(IdentityError) -> NodeIdentity? {
        guard let bytes = try DurableFile(path: path, magic: magic).read() else { return nil }
        guard let identity = NodeIdentity(decoding: bytes) else {
            throw .damaged(path: path, reason: "its checksum is right, but it is no identity")
        }
        return identity
    }

    /// Durable when it returns.
    public func write(path: String) throws(IdentityError) {
        try DurableFile(path: path, magic: Self.magic).write(encode())
    }

    func encode() -> [UInt8] {
        var writer = ByteWriter()
        writer.writeString(clusterID)
        record.encode(into: &writer)
        writer.writeBlock(founding.encode())
        writer.write(UInt8(hasLog ? 1 : 0))
        return writer.bytes
    }

    init?(decoding bytes: [UInt8]) {
        let identity = bytes.withUnsafeBytes { raw -> NodeIdentity? in
            var reader = ByteReader(raw)
            guard let clusterID = try? reader.readString(), let record = try? BootRecord(decoding: &reader),
                let block = try? reader.readBlock(), let founding = Membership(decoding: [UInt8](block)),
                let flag = try? reader.read(UInt8.self), flag <= 1, reader.isAtEnd
            else { return nil }
            return NodeIdentity(clusterID: clusterID, record: record, founding: founding, hasLog: flag == 1)
        }
        guard let identity else { return nil }
        self = identity
    }
}
