internal import DequeModule
internal import Logging
import Threads

/// Prepares the next segment and removes old ones on a thread of its own, so that no write waits for either.
///
/// That the next segment can't be made for lack of space is known long before it is needed: `isSpaceShort`. It is tried
/// again now and then, and as soon as a removal has given space back.
final class SegmentKeeper: SegmentSupply {
    private struct Wish: Sendable {
        var sequence: UInt64
        var byteCount: Int
    }

    private struct Jobs: Sendable {
        var wanted: Wish?
        /// Could not be made.
        var failed: (wish: Wish, error: RaftLogError)?
        var isPreparing = false
        var spare: SegmentFile?
        var isSpaceShort = false
        /// Whether who needs a segment waits for space; otherwise it gets the error.
        var isPatient = false
        /// To be removed, strictly in this order: a gap would make the directory unreadable.
        var doomed = Deque<UInt64>()
        /// Set after a failed removal: nothing behind it may go first, so removals rest until the directory is reopened.
        var isRemovalBlocked = false
        var isStopping = false

        mutating func retry() {
            wanted = wanted ?? failed?.wish
            failed = nil
        }

        mutating func nextJob() -> Job? {
            if let wish = wanted {
                wanted = nil
                failed = nil
                isPreparing = true
                return .prepare(wish)
            }
            if !isRemovalBlocked, let sequence = doomed.popFirst() { return .remove(sequence) }
            return isStopping ? .stop : nil
        }
    }

    private enum Job {
        case prepare(Wish)
        case remove(UInt64)
        case stop
    }

    private let directory: LogDirectory
    private let options: RaftLogOptions
    private let jobs: Monitor<Jobs>
    private let thread: DedicatedThread

    init(directory: LogDirectory, options: RaftLogOptions, spare: SegmentFile?) {
        let jobs = Monitor(Jobs(spare: spare))
        self.directory = directory
        self.options = options
        self.jobs = jobs
        thread = DedicatedThread(name: "redoubt-segment") {
            Self.work(jobs, directory: directory, options: options)
        }
    }

    var spareBytes: Int { jobs.withLock { $0.spare?.byteCount ?? 0 } }

    /// Whether a segment could not be made for lack of space, and none has been made since.
    var isSpaceShort: Bool { jobs.withLock { $0.isSpaceShort } }

    /// From now on, or no longer, a segment that is needed is waited for until there is space for it.
    func setPatient(_ isPatient: Bool) { jobs.update { $0.isPatient = isPatient } }

    /// Wants segment `sequence` to be ready ahead of its use.
    func prepare(_ sequence: UInt64) {
        jobs.update { jobs in
            if jobs.spare?.sequence != sequence {
                jobs.wanted = Wish(sequence: sequence, byteCount: options.segmentBytes)
            }
        }
    }

    /// The prepared segment `sequence`, full of zeros, of at least `minimumBytes`. Waits for space where it is short.
    func take(_ sequence: UInt64, minimumBytes: Int) throws(RaftLogError) -> SegmentFile {
        let prepared: Result<SegmentFile, RaftLogError> = jobs.wait { jobs in
            guard jobs.wanted == nil, !jobs.isPreparing else { return nil }
            if let spare = jobs.spare, spare.sequence == sequence {
                jobs.spare = nil
                return .success(spare)
            }
            precondition(jobs.failed?.wish.sequence == sequence, "the next segment was asked for ahead of its use")
            guard let error = jobs.failed?.error else { return nil }
            return error.isLackOfSpace && jobs.isPatient ? nil : .failure(error)
        }
        let file = try prepared.get()
        return file.byteCount >= minimumBytes ? file : try grow(file, to: minimumBytes)
    }

    private func grow(_ file: SegmentFile, to byteCount: Int) throws(RaftLogError) -> SegmentFile {
        while true {
            do throws(RaftLogError) {
                let grown = try file.grown(to: byteCount)
                jobs.withLock { $0.isSpaceShort = false }
                return grown
            } catch {
                guard error.isLackOfSpace else { throw error }
                let isOver: Void? = jobs.wait(timeoutMilliseconds: options.segmentRetryMilliseconds) { jobs in
                    jobs.isSpaceShort = true
                    return jobs.isPatient ? nil : ()
                }
                if isOver != nil { throw error }
            }
        }
    }

    func remove(_ sequences: [UInt64]) {
        if !sequences.isEmpty { jobs.update { $0.doomed.append(contentsOf: sequences) } }
    }

    /// Waits until all that was asked for is done; ends the thread.
    func stop() {
        jobs.update { $0.isStopping = true }
        thread.join()
    }

    private static func work(_ jobs: Monitor<Jobs>, directory: LogDirectory, options: RaftLogOptions) {
        while true {
            let job: Job
            if jobs.withLock({ $0.failed != nil && !$0.isStopping }) {
                guard
                    let next = jobs.wait(timeoutMilliseconds: options.segmentRetryMilliseconds, until: { $0.nextJob() })
                else {
                    jobs.withLock { $0.retry() }
                    continue
                }
                job = next
            } else {
                job = jobs.wait { $0.nextJob() }
            }
            switch job {
            case .prepare(let wish): prepare(wish, jobs, directory, options.logger)
            case .remove(let sequence): remove(sequence, jobs, directory, options.logger)
            case .stop: return
            }
        }
    }

    private static func prepare(_ wish: Wish, _ jobs: Monitor<Jobs>, _ directory: LogDirectory, _ logger: Logger) {
        let outcome = Result { () throws(RaftLogError) in
            try directory.createSegment(wish.sequence, byteCount: wish.byteCount, block: nil)
        }
        let wasShort = jobs.update { jobs in
            defer {
                jobs.isPreparing = false
                switch outcome {
                case .success(let file):
                    jobs.spare = file
                    jobs.isSpaceShort = false
                case .failure(let error):
                    jobs.failed = (wish, error)
                    jobs.isSpaceShort = error.isLackOfSpace
                }
            }
            return jobs.isSpaceShort
        }
        switch outcome {
        case .success:
            if wasShort { logger.notice("there is space for the next log segment again") }
        case .failure(let error):
            // Once is enough while the disk stays full.
            guard !wasShort || !error.isLackOfSpace else { return }
            logger.warning("the next log segment could not be prepared", metadata: ["error": "\(error)"])
        }
    }

    private static func remove(
        _ sequence: UInt64, _ jobs: Monitor<Jobs>, _ directory: LogDirectory, _ logger: Logger
    ) {
        do throws(RaftLogError) {
            try directory.removeSegment(sequence)
            jobs.withLock { $0.retry() }
        } catch {
            jobs.withLock { $0.isRemovalBlocked = true }
            logger.error("a compacted log segment could not be removed", metadata: ["error": "\(error)"])
        }
    }
}
