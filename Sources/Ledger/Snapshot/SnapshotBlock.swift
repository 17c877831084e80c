/// The frame of a snapshot file's blocks; `LedgerSnapshot` has the layout.
enum SnapshotBlock {
    /// What a block is part of. The sections stand in the file in this order, none is missing.
    enum Section: UInt8 {
        /// One block.
        case header = 1
        case checkpoint = 2
        case transactions = 3
        case idempotencyKeys = 4
        /// One block: the number of rows of each table.
        case rowCounts = 5
        /// One block: the digest.
        case end = 6

        /// Whether a block of `self` may stand behind one of `previous`.
        func mayFollow(_ previous: Section?) -> Bool {
            guard let previous else { return self == .header }
            if rawValue == previous.rawValue + 1 { return true }
            switch self {
            case .checkpoint, .transactions, .idempotencyKeys: return self == previous
            case .header, .rowCounts, .end: return false
            }
        }
    }

    static let magic = Array("RDBTSNAP".utf8)
    static let version: UInt32 = 1
    /// Magic and version.
    static let prefixBytes = 12
    /// Length, section, checksum.
    static let headBytes = 12
    /// Of a block's content.
    static let contentLimit = 256 << 10
}

extension LedgerTable {
    var section: SnapshotBlock.Section {
        switch self {
        case .transactions: .transactions
        case .idempotencyKeys: .idempotencyKeys
        }
    }
}
