/// The frame of a snapshot file's blocks; `LedgerSnapshot` has the layout.
enum SnapshotBlock {
    /// What a block is part of. The sections stand in the file in this order, none is missing.
    enum Section: UInt8 {
        /// One block.
        case header = 1
        case checkpoint = 2
        case transactions = 3
        case idempotencyKeys = 4
        case labels = 5
        case detectionChanges = 6
        case streamOffsets = 7
        case deadLetters = 8
        case alerts = 9
        case alertReviews = 10
        /// One block: the number of rows of each table.
        case rowCounts = 11
        /// One block: the digest.
        case end = 12

        /// Whether a block of `self` may stand behind one of `previous`.
        func mayFollow(_ previous: Section?) -> Bool {
            guard let previous else { return self == .header }
            if rawValue == previous.rawValue + 1 { return true }
            switch self {
            case .header, .rowCounts, .end: return false
            default: return self == previous
            }
        }
    }

    static let magic = Array("RDBTSNAP".utf8)
    static let version: UInt32 = 3
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
        case .labels: .labels
        case .detectionChanges: .detectionChanges
        case .streamOffsets: .streamOffsets
        case .deadLetters: .deadLetters
        case .alerts: .alerts
        case .alertReviews: .alertReviews
        }
    }
}
