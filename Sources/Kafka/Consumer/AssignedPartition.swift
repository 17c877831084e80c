import CRdkafka

/// What the consumer's thread knows of a partition that is assigned to it.
struct AssignedPartition {
    struct PauseReasons: OptionSet {
        let rawValue: UInt8

        /// Too much was read that nobody has taken yet.
        static let pressure = PauseReasons(rawValue: 1)
        /// The owner wants it so.
        static let owner = PauseReasons(rawValue: 2)
        /// Its start is not known, or it cannot be read.
        static let held = PauseReasons(rawValue: 4)
    }

    let partition: KafkaPartition
    /// Of the record that comes next, or a later one; nil until the first record after a start at an end.
    var position: Int64?
    var pauseReasons: PauseReasons = []
    /// Reading was moved to the position, and no record has shown yet that it is there.
    var isStartOpen = false
    /// Records that came again although they had been handed on; they were dropped.
    var repeatedRecords = 0

    /// Where the library begins as long as there is no position.
    let logicalStart: Int64

    init(_ partition: KafkaPartition, startingAt start: KafkaStartingPoint) {
        self.partition = partition
        switch start {
        case .offset(let offset):
            // The library has meanings of its own for negative ones.
            precondition(offset >= 0, "an offset is not negative")
            (position, logicalStart) = (offset, offset)
        case .earliest: logicalStart = Int64(RD_KAFKA_OFFSET_BEGINNING)
        case .latest: logicalStart = Int64(RD_KAFKA_OFFSET_END)
        case .hold:
            // Paused before anything of it is handed on. A number, for a beginning or an end is looked up by the library, and
            // the answer may come after the owner's seek and move reading there: records would be skipped.
            logicalStart = 0
            pauseReasons.insert(.held)
        }
    }

    var isPaused: Bool { !pauseReasons.isEmpty }
}
