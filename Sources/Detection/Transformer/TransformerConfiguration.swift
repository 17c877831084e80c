extension Transformer {
    /// The shape of the network and which bytes of a token it reads. Everything else about it is weights.
    public struct Configuration: Sendable, Equatable {
        /// Numbers by which a payment is held between the blocks: a multiple of 32, 32...128.
        public var width = 32
        /// Blocks one above the other: 1 or 2. With two, a payment depends on the 30 before it, which `TokenSequence`
        /// keeps.
        public var blocks = 2
        /// Width of the hidden layer of each block: a multiple of 32, 32...256.
        public var feedForward = 64
        /// Bit f: byte f of a token is read. The others count as zero.
        public var readFields: UInt16 = .max
        /// Bit f: -1 in byte f means that there is nothing to tell, which then has a knot of its own.
        public var absentFields: UInt16 = 0
        /// By what each byte is multiplied before it is embedded, 1...16: 16 gives each of the categories 0...7 a knot
        /// of its own, less spreads a small range over more knots.
        public var factors = SIMD16<Int8>(repeating: 1)

        public init() {}

        /// Positions that a payment attends to, itself included.
        public static let window = 16
        /// Each head looks at this many of a payment's numbers.
        public static let headWidth = 8
        package static let fields = 16
        /// Places along a byte's range, 16 apart, at which a measurement's embedding is learnt.
        package static let knots = 17

        public var heads: Int { width / Self.headWidth }

        /// Earlier payments that can still move a logit.
        package var reach: Int { blocks * (Self.window - 1) }

        var isValid: Bool {
            (32...128).contains(width) && width.isMultiple(of: 32) && (1...2).contains(blocks)
                && (32...256).contains(feedForward) && feedForward.isMultiple(of: 32)
                && factors.min() >= 1 && factors.max() <= 16
        }
    }
}
