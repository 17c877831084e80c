/// How hard the log presses to be compacted, by what it takes on disk.
package enum LogPressure: Sendable {
    /// It is kept for members that are away, and for snapshots on their way.
    case none
    /// Whoever is away will need a snapshot; those on their way are still kept for.
    case high
    /// A receiver that is too slow begins anew: nobody may hold up compaction for good.
    case extreme

    /// - Parameters:
    ///   - retained: bytes that are kept for members that are away.
    ///   - maximum: bytes at which new work is refused.
    package init(bytes: Int, retained: Int, maximum: Int) {
        self = bytes <= retained ? .none : bytes <= max(retained, maximum / 2) ? .high : .extreme
    }
}
