internal import Bytes
public import Raft

/// What a node remembers of the others' lives and boots: the file `register`. It only ever learns: what it says of a node
/// it never takes back. **It must be durable before an answer that it has given is sent.**
public struct BootRegister: Equatable, Sendable {
    /// Bound on the lives remembered. Beyond it an ended life is forgotten; if none has ended, nothing new is taken.
    static let maximumRecords = 1024

    /// What the answering node is itself.
    public enum Respondent: Equatable, Sendable {
        case unborn
        /// `membership` is the newest that it knows.
        case member(Membership)
    }

    private var records: [NodeID: BootRecord] = [:]
    /// The life that a number goes on with, where it is not the founder's; life 0 of that number is over.
    private var heirs: [UInt64: NodeID] = [:]
    /// Lives that were members once, later than the founder's, and have been replaced.
    private var ended: Set<NodeID> = []

    public init() {}

    /// Ascending by node.
    public var all: [BootRecord] { records.values.sorted { $0.node < $1.node } }
    public func record(of node: NodeID) -> BootRecord? { records[node] }

    /// The newest life of a number: the one it goes on with, else the one with a record.
    public func newestLife(ofNumber number: UInt64) -> NodeID? {
        heirs[number] ?? records.keys.filter { $0.number == number }.max { $0.life == 0 && $1.life != 0 }
    }

    /// Judges an ask and records the claim in it. `didChange` tells whether the register must be written first.
    public mutating func answer(_ ask: BootAsk, as respondent: Respondent) -> (answer: BootAnswer, didChange: Bool) {
        var didChange = learn(ask.records)
        let verdict: BootAnswer.Verdict
        let nonce: UInt64
        switch (ask.subject, respondent) {
        case (.unborn(let number, let asked), .member(let membership)):
            nonce = asked
            verdict = .exists(
                known: newestLife(ofNumber: number), isFounder: membership.contains(NodeID(number: number)))
        case (.unborn(_, let asked), .unborn):
            nonce = asked
            verdict = .unborn
        case (.claim(let claim), .unborn):
            // Its disk may have been emptied a moment ago: its word proves nothing. It remembers the claim all the same.
            nonce = claim.nonce
            didChange = learn([claim]) || didChange
            verdict = .unborn
        case (.claim(let claim), .member):
            nonce = claim.nonce
            let judged = judge(claim)
            verdict = judged.verdict
            didChange = judged.didChange || didChange
        }
        return (BootAnswer(nonce: nonce, verdict: verdict, records: all), didChange)
    }

    private mutating func judge(_ claim: BootRecord) -> (verdict: BootAnswer.Verdict, didChange: Bool) {
        if let heir = heirs[claim.node.number], isOver(claim.node) { return (.otherLife(heir), false) }
        let known = records[claim.node]
        if let known {
            if claim.isSameBoot(as: known) {
                let isNew = claim != known
                records[claim.node] = claim
                return (.welcome(known: known), isNew)
            }
            guard claim.boot > known.boot else { return (.stale(known: known), false) }
        }
        // Never said without being recorded: the asker then waits for others.
        guard makeRoom(for: claim.node) else { return (.unborn, false) }
        records[claim.node] = claim
        return (.welcome(known: known), true)
    }

    /// Takes over what others remember. - Returns: whether anything was new.
    public mutating func learn(_ others: [BootRecord]) -> Bool {
        var didChange = false
        for other in others {
            if let known = records[other.node], other.boot <= known.boot { continue }
            guard makeRoom(for: other.node) else { continue }
            records[other.node] = other
            didChange = true
        }
        return didChange
    }

    /// A committed membership has `node` as a member: the number's other lives are over. - Returns: whether that was new.
    public mutating func admit(_ node: NodeID) -> Bool {
        guard node.life != 0, !ended.contains(node), heirs[node.number] != node else { return false }
        if let before = heirs.updateValue(node, forKey: node.number) { ended.insert(before) }
        if ended.count > Self.maximumRecords { ended.remove(ended.min()!) }
        return true
    }

    private func isOver(_ node: NodeID) -> Bool {
        ended.contains(node) || (node.life == 0 && heirs[node.number] != nil)
    }

    private mutating func makeRoom(for node: NodeID) -> Bool {
        if records[node] != nil || records.count < Self.maximumRecords { return true }
        guard let over = records.keys.filter({ isOver($0) }).min() else { return false }
        records[over] = nil
        return true
    }

    // MARK: File

    private static let magic = "RDBTREG1"

    /// An empty register if the file is not there.
    public static func read(path: String) throws(IdentityError) -> BootRegister {
        guard let bytes = try DurableFile(path: path, magic: magic).read() else { return BootRegister() }
        guard let register = BootRegister(decoding: bytes) else {
            throw .damaged(path: path, reason: "its checksum is right, but it is no register")
        }
        return register
    }

    /// Durable when it returns.
    public func write(path: String) throws(IdentityError) {
        try DurableFile(path: path, magic: Self.magic).write(encode())
    }

    func encode() -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt32(records.count))
        for record in all { record.encode(into: &writer) }
        writer.write(UInt32(heirs.count))
        for heir in heirs.values.sorted() { writer.write(heir.rawValue) }
        writer.write(UInt32(ended.count))
        for node in ended.sorted() { writer.write(node.rawValue) }
        return writer.bytes
    }

    init?(decoding bytes: [UInt8]) {
        var register = BootRegister()
        let isWhole = bytes.withUnsafeBytes { raw -> Bool in
            do throws(MalformedBytes) {
                var reader = ByteReader(raw)
                for _ in 0..<(try reader.readCount(elementsOfAtLeast: 28)) {
                    let record = try BootRecord(decoding: &reader)
                    register.records[record.node] = record
                }
                for _ in 0..<(try reader.readCount(elementsOfAtLeast: 8)) {
                    let heir = try reader.readNodeID()
                    register.heirs[heir.number] = heir
                }
                for _ in 0..<(try reader.readCount(elementsOfAtLeast: 8)) {
                    register.ended.insert(try reader.readNodeID())
                }
                return reader.isAtEnd
            } catch {
                return false
            }
        }
        guard isWhole else { return nil }
        self = register
    }
}
