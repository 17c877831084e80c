/// What a merchant's payments and their labels so far tell: the fold of the log's events in its order.
///
/// Labels come late, out of order, and never for all payments; a payment without a label is not genuine, it is not
/// known. So the fold never asks what time it is: what labels tell is counted by the day of the payment, and the windows
/// of the fraud shares end with the latest payment at this merchant whose label is known, however long ago that is
/// (`Feature.merchantLabelAgeDays` tells). A share is frauds among all payments of those days. Where every payment gets a
/// label after a week, it is the share as it was a week ago; where only frauds are ever labelled, it is still frauds
/// against all payments, so a lower bound and never "all fraud".
///
/// A run is the latest frauds by payment time without a payment known to be genuine between them. Where none is ever
/// labelled genuine, a run also ends with a pause of `runPauseDays`; else a merchant's second fraud, a year later, would
/// prolong its first.
///
/// Bounded: one block of `byteCount` bytes (1.1 KB) a merchant whatever happens. It holds 64 days of counts and the last
/// 64 labelled payments by payment time; labels of older payments change nothing but the daily counts.
public struct MerchantProfile: Sendable {
    public static let maximumLabelled = 64
    static let runPauseDays: Float = 21

    /// Bytes of one profile in memory, without the 16 of its header and the map's entry.
    public static var byteCount: Int { MemoryLayout<MerchantState>.stride }

    private var box = Box(MerchantState())

    public init() {}

    init(_ state: MerchantState) { box = Box(state) }

    @inline(__always)
    var state: MerchantState {
        _read { yield box.value }
        _modify { yield &box.value }
    }

    /// Payments folded.
    public var count: Int64 { state.count }
    /// Times of the first and the latest payment by their own times; zero before the first payment.
    public var firstOccurredAtMicroseconds: Int64 { state.firstAt }
    public var lastOccurredAtMicroseconds: Int64 { state.lastAt }
    /// Labelled payments remembered, and how many of them are frauds.
    public var labelledCount: Int { state.labelled.count }
    public var knownFrauds: Int {
        (0..<state.labelled.count).count { state.labelled[$0].isFraud }
    }
    /// The time of the latest payment whose label is known; nil if there is none.
    public var lastLabelledAtMicroseconds: Int64? { state.labelled.last?.at }

    /// The latest frauds by payment time, without one known to be genuine between them.
    public struct Run: Sendable, Equatable {
        public internal(set) var length = 0
        /// Those that their users' own behaviour does not explain.
        public internal(set) var unexplained = 0
        /// The first fraud's time; zero if there is none.
        public internal(set) var startMicroseconds: Int64 = 0
        /// The latest payment known to be genuine, before the run; nil if none is remembered.
        public internal(set) var genuineMicroseconds: Int64?
    }

    public var run: Run { state.run }
}

extension MerchantProfile: Equatable {
    /// Compares what `encode` would write.
    public static func == (one: Self, other: Self) -> Bool { one.encoded == other.encoded }
}
