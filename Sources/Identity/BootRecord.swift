internal import Bytes
public import Raft

/// One beginning, or one renewal, of a node's life: what a node claims of itself, and what others remember of it.
public struct BootRecord: Equatable, Sendable {
    static let maximumWitnesses = Membership.maxMembers

    public let node: NodeID
    /// Rises with every start of the process, and with every renewal while it runs.
    public let boot: UInt64
    /// Random, drawn with `boot`: two copies of one directory that reach the same count still differ.
    public let nonce: UInt64
    /// The other nodes (with their lives) that must be heard before `node` may start again: see `BootClaim`.
    public let witnesses: [NodeID]

    public init(node: NodeID, boot: UInt64, nonce: UInt64, witnesses: [NodeID]) {
        precondition(witnesses.count <= Self.maximumWitnesses, "a node has at most 100 witnesses")
        self.node = node
        self.boot = boot
        self.nonce = nonce
        self.witnesses = witnesses.sorted()
    }

    func isSameBoot(as other: BootRecord) -> Bool { boot == other.boot && nonce == other.nonce }

    func encode(into writer: inout ByteWriter) {
        writer.write(node.rawValue)
        writer.write(boot)
        writer.write(nonce)
        writer.write(UInt32(witnesses.count))
        for witness in witnesses { writer.write(witness.rawValue) }
    }

    init(decoding reader: inout ByteReader) throws(MalformedBytes) {
        let node = try reader.readNodeID()
        let boot = try reader.read(UInt64.self)
        let nonce = try reader.read(UInt64.self)
        let count = try reader.readCount(elementsOfAtLeast: 8)
        guard count <= Self.maximumWitnesses else {
            throw MalformedBytes(offset: reader.offset, reason: "\(count) witnesses")
        }
        var witnesses: [NodeID] = []
        for _ in 0..<count { witnesses.append(try reader.readNodeID()) }
        self.init(node: node, boot: boot, nonce: nonce, witnesses: witnesses)
    }
}

extension ByteReader {
    mutating func readNodeID() throws(MalformedBytes) -> NodeID {
        guard let id = NodeID(validating: try read()) else {
            throw MalformedBytes(offset: offset, reason: "a node without a number")
        }
        return id
    }
}
