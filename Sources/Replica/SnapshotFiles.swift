import Dispatch
import Foundation
import Glibc
import Logging
import Raft
import Synchronization
import Threads

/// The files of snapshots on their way: those this node sends, and the one it receives. All disk work is done on a queue
/// of its own; what is told of it may come on any thread.
final class SnapshotFiles: Sendable {
    private let directory: String
    private let pace: Pace
    private let logger: Logger
    private let queue = DispatchQueue(label: "redoubt.snapshot", qos: .utility)
    private let outgoing = Mutex<[UInt64: OfferedSnapshot]>([:])

    init(directory: String, pace: Pace, logger: Logger) {
        self.directory = directory
        self.pace = pace
        self.logger = logger
    }

    /// Where the received one is put together.
    func incomingPath(_ id: UInt64) -> String { "\(directory)/incoming-\(String(id, radix: 16)).part" }

    // MARK: Sending

    func offer(_ snapshot: OfferedSnapshot) { outgoing.withLock { $0[snapshot.outline.id] = snapshot } }

    /// Removes those that are not in use any more.
    func keep(_ ids: Set<UInt64>) {
        let dropped = outgoing.withLock { outgoing in
            let dropped = outgoing.filter { !ids.contains($0.key) }
            for id in dropped.keys { outgoing[id] = nil }
            return dropped
        }
        guard !dropped.isEmpty else { return }
        queue.async { for snapshot in dropped.values { unlink(snapshot.path) } }
    }

    /// Reads a piece; nil if it can't be read.
    func read(
        _ id: UInt64, offset: Int, byteCount: Int, completion: @escaping @Sendable ([UInt8]?) -> Void
    ) {
        guard let path = outgoing.withLock({ $0[id]?.path }) else { return completion(nil) }
        queue.async { [pace, logger] in
            pace.spend(byteCount)
            let file = open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else {
                logger.error("a snapshot can't be opened", metadata: ["file": "\(path)", "errno": "\(errno)"])
                return completion(nil)
            }
            defer { close(file) }
            var done = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
                while done < byteCount {
                    let got = pread(file, buffer.baseAddress! + done, byteCount - done, off_t(offset + done))
                    if got < 0, errno == EINTR { continue }
                    guard got > 0 else { break }
                    done += got
                }
                count = done
            }
            completion(done == byteCount ? bytes : nil)
        }
    }

    // MARK: Receiving

    /// Puts a piece where it belongs, if the file reaches that far, and tells how far it reaches, durably.
    func store(
        _ outline: SnapshotOutline, offset: Int, bytes: [UInt8], completion: @escaping @Sendable (Int) -> Void
    ) {
        let path = incomingPath(outline.id)
        queue.async { [self] in
            if bytes.isEmpty || offset == 0 { removeIncoming(except: path) }
            let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard file >= 0 else {
                logger.error("a snapshot can't be written", metadata: ["file": "\(path)", "errno": "\(errno)"])
                return completion(0)
            }
            defer { close(file) }
            let length = Int(lseek(file, 0, SEEK_END))
            guard offset <= length, offset + bytes.count > length else {
                return completion(min(length, outline.byteCount))
            }
            guard Self.write(bytes, to: file, at: offset), fdatasync(file) == 0 else {
                logger.error("a snapshot can't be written", metadata: ["file": "\(path)", "errno": "\(errno)"])
                ftruncate(file, off_t(length))
                return completion(length)
            }
            completion(offset + bytes.count)
        }
    }

    private func removeIncoming(except path: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names where name.hasPrefix("incoming-") && "\(directory)/\(name)" != path {
            unlink("\(directory)/\(name)")
        }
    }

    private static func write(_ bytes: [UInt8], to file: Int32, at offset: Int) -> Bool {
        bytes.withUnsafeBytes { raw in
            var done = 0
            while done < raw.count {
                let wrote = pwrite(file, raw.baseAddress! + done, raw.count - done, off_t(offset + done))
                if wrote < 0, errno == EINTR { continue }
                guard wrote > 0 else { return false }
                done += wrote
            }
            return true
        }
    }
}
