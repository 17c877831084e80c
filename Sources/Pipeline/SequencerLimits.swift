extension Sequencer {
    package struct Limits: Sendable {
        package init() {}

        /// Entries proposed and not yet committed. While they are under way new work gathers into the next entry.
        package var entriesAhead = 1
        /// Under load, the least time from one entry to the next: what an entry costs is shared by more records. An entry
        /// of fewer records than `recordsThatGather`, or bytes beyond `bytesThatHurry`, is no reason to wait.
        package var gatherMilliseconds = 3
        package var recordsThatGather = 4
        package var bytesThatHurry = 256 << 10
        package var recordsPerEntry = 8192
        package var bytesPerEntry = 6 << 20
        /// Works that wait their turn at the leader, and their bytes; more are refused.
        package var worksWaiting = 4096
        package var bytesWaiting = 256 << 20
        /// Committed records that the leader's PostgreSQL, while it is there, may lag before new work waits for it.
        package var recordsUnapplied = 200_000
        package var logBytes = 8 << 30
        /// Log bytes folded between two checkpoints: bounds what a restart must fold again.
        package var bytesPerCheckpoint = 64 << 20
    }
}
