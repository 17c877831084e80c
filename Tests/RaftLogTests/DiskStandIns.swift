import Foundation
import Logging
import RaftLog
import Synchronization

extension Logger {
    /// The tests look at results, not at messages.
    static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

/// A disk whose syncs wait until the test lets them go on, and are counted.
final class GatedDisk: @unchecked Sendable {
    private let condition = NSCondition()
    private var isHeld = false
    private var waiting = 0
    private var count = 0

    var syncCount: Int { condition.withLock { count } }

    var calls: DiskCalls {
        var calls = DiskCalls.system
        calls.sync = { descriptor in
            self.condition.withLock {
                self.waiting += 1
                self.condition.broadcast()
                while self.isHeld { self.condition.wait() }
                self.waiting -= 1
                self.count += 1
            }
            return DiskCalls.system.sync(descriptor)
        }
        return calls
    }

    func hold() { condition.withLock { isHeld = true } }

    func release() {
        condition.withLock { isHeld = false }
        condition.broadcast()
    }

    /// Waits until a sync stands at the gate.
    func waitForSync() {
        let deadline = Date(timeIntervalSinceNow: 20)
        condition.withLock { while waiting == 0, condition.wait(until: deadline) {} }
    }
}

/// A disk that begins to fail when it is told to.
final class FailingDisk: Sendable {
    /// `noSpace`: nothing new can be made, what is there can be written.
    enum Fault { case none, full, noSpace, brokenSync }
    let fault = Mutex(Fault.none)

    var calls: DiskCalls {
        DiskCalls(
            write: { descriptor, bytes, offset in
                guard self.fault.withLock({ $0 }) == .full else {
                    return DiskCalls.system.write(descriptor, bytes, offset)
                }
                errno = ENOSPC
                return -1
            },
            sync: { descriptor in
                guard self.fault.withLock({ $0 }) == .brokenSync else { return DiskCalls.system.sync(descriptor) }
                errno = EIO
                return -1
            },
            allocate: { descriptor, byteCount in
                switch self.fault.withLock({ $0 }) {
                case .none, .brokenSync: DiskCalls.system.allocate(descriptor, byteCount)
                case .full, .noSpace: ENOSPC
                }
            })
    }

    func begin(_ fault: Fault) { self.fault.withLock { $0 = fault } }
}

/// A disk that carries out a number of writes and syncs and fails all after them; the last write of all is cut in half.
final class CountingDisk: Sendable {
    private let rest = Mutex(Int.max)

    var calls: DiskCalls {
        DiskCalls(
            write: { descriptor, bytes, offset in
                switch self.spend() {
                case 0: return DiskCalls.system.write(descriptor, bytes, offset)
                case 1:
                    let half = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 16 * 8)])
                    if half.count > 0 { _ = DiskCalls.system.write(descriptor, half, offset) }
                default: break
                }
                errno = EIO
                return -1
            },
            sync: { descriptor in
                if self.spend() == 0 { return DiskCalls.system.sync(descriptor) }
                errno = EIO
                return -1
            })
    }

    var spent: Int { Int.max - rest.withLock { $0 } }

    func fail(after calls: Int) { rest.withLock { $0 = calls } }

    /// 0: carry it out; 1: the first that fails; 2: a later one.
    private func spend() -> Int {
        rest.withLock { rest in
            rest -= 1
            return rest >= 0 ? 0 : rest == -1 ? 1 : 2
        }
    }
}

/// A disk that, when the power fails, loses any of the sectors that were written and not synced.
final class ForgetfulDisk: Sendable {
    private struct Write {
        var file: UInt64
        var offset: Int
        var before: [UInt8]
    }

    private static let sectorBytes = 512
    private let unsynced = Mutex<[Write]>([])
    private let gate = NSCondition()
    private let isHeld = Mutex(false)

    /// From now on no sync gets through, so what is written stays unsynced.
    func hold() { isHeld.withLock { $0 = true } }

    func release() {
        isHeld.withLock { $0 = false }
        gate.withLock { gate.broadcast() }
    }

    /// Waits until something is written and not synced.
    func waitForUnsynced() {
        let deadline = Date(timeIntervalSinceNow: 20)
        gate.withLock { while unsynced.withLock({ $0.isEmpty }), gate.wait(until: deadline) {} }
    }

    var calls: DiskCalls {
        DiskCalls(
            write: { descriptor, bytes, offset in
                defer { self.gate.withLock { self.gate.broadcast() } }
                return self.unsynced.withLock { writes in
                    var before = [UInt8](repeating: 0, count: bytes.count)
                    _ = pread(descriptor, &before, before.count, off_t(offset))
                    writes.append(Write(file: Self.number(of: descriptor), offset: offset, before: before))
                    return DiskCalls.system.write(descriptor, bytes, offset)
                }
            },
            sync: { descriptor in
                self.gate.withLock { while self.isHeld.withLock({ $0 }) { self.gate.wait() } }
                return self.unsynced.withLock { writes in
                    let file = Self.number(of: descriptor)
                    writes.removeAll { $0.file == file }
                    return 0
                }
            })
    }

    /// The directory as a power failure at this moment might leave it.
    func crash(
        _ directory: TestDirectory, using random: inout some RandomNumberGenerator
    ) throws -> (directory: TestDirectory, lostSectors: Int) {
        var lost = 0
        let copy = try unsynced.withLock { writes in
            let copy = try directory.copy()
            var names: [UInt64: String] = [:]
            for name in try directory.names() {
                let descriptor = open("\(directory.path)/\(name)", O_RDONLY)
                guard descriptor >= 0 else { continue }
                names[Self.number(of: descriptor)] = name
                close(descriptor)
            }
            for write in writes.reversed() {
                guard let name = names[write.file] else { continue }
                let descriptor = open("\(copy.path)/\(name)", O_RDWR)
                guard descriptor >= 0 else { continue }
                defer { close(descriptor) }
                var start = 0
                while start < write.before.count {
                    let sectorEnd = ((write.offset + start) / Self.sectorBytes + 1) * Self.sectorBytes
                    let end = min(write.before.count, sectorEnd - write.offset)
                    if Bool.random(using: &random) {
                        lost += 1
                        write.before.withUnsafeBytes { bytes in
                            _ = pwrite(descriptor, bytes.baseAddress! + start, end - start, off_t(write.offset + start))
                        }
                    }
                    start = end
                }
            }
            return copy
        }
        return (copy, lost)
    }

    private static func number(of descriptor: Int32) -> UInt64 {
        var status = stat()
        fstat(descriptor, &status)
        return UInt64(status.st_ino)
    }
}

/// SplitMix64: small, and the same from the same seed everywhere.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
