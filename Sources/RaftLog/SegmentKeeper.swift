internal import DequeModule
internal import Logging
import Threads

/// Prepares the next segment and removes old ones on a thread of its own, so that no write waits for either.
final class SegmentKeeper: Sendable {
    private struct Jobs: Sendable {
        var wanted: UInt64?
        var isPreparing = false
        var spare: SegmentFile?
        /// To be removed, strictly in this order: a gap would make the directory unreadable.
        var doomed = Deque<UInt64>()
        var isStopping = false
    }

    private enum Job {
        case prepare(UInt64)
        case remove(UInt64)
        case stop
    }

    private let directory: LogDirectory
    private let segmentBytes: Int
    private let logger: Logger
    private let jobs: Monitor<Jobs>
    private let thread: DedicatedThread

    init(directory: LogDirectory, segmentBytes: Int, logger: Logger, spare: SegmentFile?) {
        let jobs = Monitor(Jobs(spare: spare))
        self.directory = directory
        self.segmentBytes = segmentBytes
        self.logger = logger
        self.jobs = jobs
        thread = DedicatedThread(name: "redoubt-segment") {
            Self.work(jobs, directory: directory, segmentBytes: segmentBytes, logger: logger)
        }
    }

    var spareBytes: Int { jobs.withLock { $0.spare?.byteCount ?? 0 } }

    /// Wants segment `sequence` to be ready ahead of its use.
    func prepare(_ sequence: UInt64) {
        jobs.withLock { jobs in if jobs.spare?.sequence != sequence { jobs.wanted = sequence } }
        jobs.wakeAll()
    }

    /// A segment full of zeros, of at least `minimumBytes`: the prepared one, or one made now if preparing has failed.
    func take(_ sequence: UInt64, minimumBytes: Int) throws(RaftLogError) -> SegmentFile {
        let spare: SegmentFile?? = jobs.wait { jobs in
            guard jobs.wanted == nil, !jobs.isPreparing else { return nil }
            defer { jobs.spare = nil }
            return .some(jobs.spare)
        }
        guard case .some(.some(let file)) = spare, file.sequence == sequence else {
            return try directory.createSegment(sequence, byteCount: max(segmentBytes, minimumBytes))
        }
        return file.byteCount >= minimumBytes ? file : try file.grown(to: minimumBytes)
    }

    func remove(_ sequences: [UInt64]) {
        jobs.withLock { $0.doomed.append(contentsOf: sequences) }
        jobs.wakeAll()
    }

    /// Waits until all that was asked for is done; ends the thread.
    func stop() {
        jobs.withLock { $0.isStopping = true }
        jobs.wakeAll()
        thread.join()
    }

    private static func work(
        _ jobs: Monitor<Jobs>, directory: LogDirectory, segmentBytes: Int, logger: Logger
    ) {
        // Set after a failed removal: nothing behind it may go first, so removals rest until the directory is reopened.
        var isRemovalBlocked = false
        while true {
            let job: Job = jobs.wait { jobs in
                if let sequence = jobs.wanted {
                    jobs.wanted = nil
                    jobs.isPreparing = true
                    return .prepare(sequence)
                }
                if !isRemovalBlocked, let sequence = jobs.doomed.popFirst() { return .remove(sequence) }
                return jobs.isStopping ? .stop : nil
            }
            switch job {
            case .prepare(let sequence):
                var spare: SegmentFile?
                do throws(RaftLogError) {
                    spare = try directory.createSegment(sequence, byteCount: segmentBytes)
                } catch {
                    logger.warning("the next log segment could not be prepared", metadata: ["error": "\(error)"])
                }
                jobs.withLock { jobs in
                    jobs.isPreparing = false
                    jobs.spare = spare
                }
                jobs.wakeAll()
            case .remove(let sequence):
                do throws(RaftLogError) {
                    try directory.removeSegment(sequence)
                } catch {
                    isRemovalBlocked = true
                    logger.error("a compacted log segment could not be removed", metadata: ["error": "\(error)"])
                }
            case .stop: return
            }
        }
    }
}
