internal import Glibc
internal import RaftLog

/// The disk of one node: files in memory that forget, when the power fails, what was not synced.
///
/// A group commit is written in one moment of the world, yet takes time to become durable, and a crash may come anywhere
/// between. So every change that is not durable yet keeps what it replaced, and how many syncs had been asked for when it
/// was made: a crash picks a place in that order and undoes what comes behind it.
final class SimulatedDisk: @unchecked Sendable {
    final class File {
        let sequence: UInt64
        var bytes: [UInt8]
        /// Nothing was ever written from here on.
        var writtenEnd = 0
        /// Where the newest durable write begins: what stands before it can be damaged and the damage be noticed.
        var lastDurableStart = 0

        init(sequence: UInt64, byteCount: Int) {
            self.sequence = sequence
            bytes = [UInt8](repeating: 0, count: byteCount)
        }
    }

    private struct Change {
        var file: File
        var offset: Int
        var count: Int
        /// What stood there; empty stands for zeros.
        var before: [UInt8]
        var isCreation: Bool
        /// Syncs asked for before this change was made.
        var step: Int
        /// The sync that covered it; zero if none did.
        var syncedBy: Int
        /// Its sync failed: the kernel holds it in memory and takes it for written, so only writing it again helps.
        var isForgotten = false

        func isSynced(by step: Int) -> Bool { syncedBy != 0 && syncedBy <= step && !isForgotten }
    }

    enum Crash {
        /// The process is gone, what it wrote is not.
        case process
        case power
    }

    private static let sectorBytes = 512

    private(set) var files: [File] = []
    private var opened: [File?] = []
    private var freeDescriptors: [Int32] = []
    private var changes: [Change] = []
    private var steps = 0
    private var random: SimulatedRandom
    /// No space for new segments.
    var isFull = false
    var failsNextSync = false
    /// Since somebody last looked: segments begun, and reads.
    var begunSegments = 0
    var reads = 0
    private(set) var fileSystem: DiskCalls!

    init(random: SimulatedRandom) {
        self.random = random
        fileSystem = DiskCalls(
            write: { [unowned(unsafe) self] in write($0, $1, $2) },
            sync: { [unowned(unsafe) self] in sync($0) },
            read: { [unowned(unsafe) self] in read($0, $1, $2) },
            duplicate: { [unowned(unsafe) self] in descriptor(of: opened[Int($0)]!) },
            close: { [unowned(unsafe) self] in close($0) })
    }

    var isEmpty: Bool { files.isEmpty }

    // MARK: Durability

    /// The syncs that were asked for are done.
    func settle() { settle(through: steps) }

    private func settle(through step: Int) {
        for change in changes where change.isSynced(by: step) && !change.isCreation {
            change.file.lastDurableStart = change.offset
            let end = change.offset + change.count
            changes.removeAll {
                $0.isForgotten && $0.file === change.file && change.offset <= $0.offset && $0.offset + $0.count <= end
            }
        }
        changes.removeAll { $0.isSynced(by: step) }
    }

    /// Forgets what a crash at some moment since the last `settle` may forget.
    /// - Returns: whether anything that was written is gone.
    func crash(_ kind: Crash) -> Bool {
        let first = changes.first { !$0.isForgotten }?.step ?? steps
        return crash(kind, at: first + random.below(4 * (steps - first) + 1) / 4)
    }

    /// The last sync was answered with an error: the process is gone, the failed write stays in the kernel's memory alone.
    func crashAfterFailedSync() {
        for position in changes.indices where changes[position].step == steps - 1 && changes[position].syncedBy == steps
        {
            changes[position].isForgotten = true
        }
    }

    private func crash(_ kind: Crash, at moment: Int) -> Bool {
        precondition(opened.allSatisfy { $0 == nil }, "a dead node holds no files")
        var isLost = false
        settle(through: moment)
        for change in changes.reversed() {
            if change.isForgotten {
                if kind == .power { isLost = undo(change, whole: false) || isLost }
            } else if change.step > moment {
                isLost = undo(change, whole: true) || isLost
            } else if kind == .power {
                isLost = undo(change, whole: false) || isLost
            }
        }
        switch kind {
        case .power: changes.removeAll()
        case .process:
            // Still in the kernel's memory: the next sync of the file takes them along.
            changes.removeAll { !$0.isForgotten && $0.step > moment }
            for position in changes.indices where !changes[position].isForgotten { changes[position].syncedBy = 0 }
        }
        failsNextSync = false
        return isLost
    }

    private func undo(_ change: Change, whole: Bool) -> Bool {
        if change.isCreation {
            // Names become durable with their content, so a creation is there or it is not.
            guard whole || random.chance(percent: 50) else { return false }
            files.removeAll { $0 === change.file }
            return true
        }
        var isLost = false
        var start = 0
        while start < change.count {
            let sectorEnd = ((change.offset + start) / Self.sectorBytes + 1) * Self.sectorBytes
            let end = min(change.count, sectorEnd - change.offset)
            if whole || random.chance(percent: 50) {
                isLost = true
                for place in start..<end {
                    change.file.bytes[change.offset + place] = change.before.isEmpty ? 0 : change.before[place]
                }
            }
            start = end
        }
        return isLost
    }

    /// Flips one bit of what is durable and not of the newest durable write (see docs/log-format.md on what can be told).
    /// - Returns: where; nil if there is nothing to flip.
    func rot(segmentAt place: Int) -> (sequence: UInt64, offset: Int)? {
        guard changes.isEmpty else { return nil }
        let begun = files.filter { $0.writtenEnd > 0 }
        guard !begun.isEmpty else { return nil }
        let file = begun[place % begun.count]
        let end = file === begun.last ? file.lastDurableStart : file.writtenEnd
        guard end > 0 else { return nil }
        let offset = random.below(end)
        file.bytes[offset] ^= 1 << UInt8(random.below(8))
        return (file.sequence, offset)
    }

    // MARK: Calls

    private func descriptor(of file: File) -> Int32 {
        if let reused = freeDescriptors.popLast() {
            opened[Int(reused)] = file
            return reused
        }
        opened.append(file)
        return Int32(opened.count - 1)
    }

    private func close(_ descriptor: Int32) {
        opened[Int(descriptor)] = nil
        freeDescriptors.append(descriptor)
    }

    private func write(_ descriptor: Int32, _ source: UnsafeRawBufferPointer, _ offset: Int) -> Int {
        let file = opened[Int(descriptor)]!
        precondition(offset + source.count <= file.bytes.count, "segments are never grown in a simulation")
        let isFresh = offset >= file.writtenEnd
        if file.writtenEnd == 0 { begunSegments += 1 }
        let before = isFresh ? [] : Array(file.bytes[offset..<offset + source.count])
        changes.append(
            Change(
                file: file, offset: offset, count: source.count, before: before, isCreation: false, step: steps,
                syncedBy: 0))
        file.bytes.withUnsafeMutableBytes { target in
            UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + source.count]).copyMemory(from: source)
        }
        file.writtenEnd = max(file.writtenEnd, offset + source.count)
        return source.count
    }

    private func sync(_ descriptor: Int32) -> Int32 {
        let file = opened[Int(descriptor)]!
        steps += 1
        for position in changes.indices where changes[position].file === file && changes[position].syncedBy == 0 {
            changes[position].syncedBy = steps
        }
        guard failsNextSync else { return 0 }
        failsNextSync = false
        errno = EIO
        return -1
    }

    private func read(_ descriptor: Int32, _ target: UnsafeMutableRawBufferPointer, _ offset: Int) -> Int {
        let file = opened[Int(descriptor)]!
        reads += 1
        let count = min(target.count, file.bytes.count - offset)
        guard count > 0 else { return 0 }
        file.bytes.withUnsafeBytes { bytes in
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
        }
        return count
    }
}

extension SimulatedDisk: SegmentStore {
    func segmentSequences() -> [UInt64] { files.map(\.sequence).sorted() }

    func openSegment(_ sequence: UInt64) throws(RaftLogError) -> SegmentFile {
        guard let file = files.first(where: { $0.sequence == sequence }) else {
            throw .system(call: "open", file: path(of: sequence), code: ENOENT)
        }
        return SegmentFile(
            sequence: sequence, path: path(of: sequence), byteCount: file.bytes.count,
            descriptor: descriptor(of: file), calls: fileSystem)
    }

    func createSegment(_ sequence: UInt64, byteCount: Int, block: [UInt8]?) throws(RaftLogError) -> SegmentFile {
        guard !isFull else { throw .system(call: "fallocate", file: path(of: sequence), code: ENOSPC) }
        let file = File(sequence: sequence, byteCount: byteCount)
        if let block {
            file.bytes.replaceSubrange(0..<block.count, with: block)
            file.writtenEnd = block.count
        }
        files.append(file)
        steps += 1
        changes.append(
            Change(
                file: file, offset: 0, count: 0, before: [], isCreation: true, step: steps - 1, syncedBy: steps))
        return SegmentFile(
            sequence: sequence, path: path(of: sequence), byteCount: byteCount, descriptor: descriptor(of: file),
            calls: fileSystem)
    }

    func removeSegment(_ sequence: UInt64) { files.removeAll { $0.sequence == sequence } }
    func sync() {}
    func path(of sequence: UInt64) -> String { "segment \(sequence)" }
}
