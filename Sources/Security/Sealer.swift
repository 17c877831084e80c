import COpenSSL
import Synchronization

/// Seals and opens records with AES-256-GCM; see `SealedLayout` for the bytes. Safe from any thread: a few contexts each
/// way, of which a caller takes the first that is free.
public final class Sealer: Sendable {
    /// Bytes that sealing adds.
    public static let overhead = SealedLayout.overhead
    /// The longest content; more is a mistake of the caller.
    public static let maximumContentByteCount = 1 << 30

    public let keyID: KeyID
    private let sealing: [SealingLane]
    private let opening: [OpeningLane]

    public convenience init(key: SealingKey) { self.init(key: key, sealsPerSession: 1 << 32) }

    package init(key: SealingKey, sealsPerSession: UInt64) {
        keyID = key.keyID
        sealing = (0..<Self.laneCount).map { _ in SealingLane(key: key, sealsPerSession: sealsPerSession) }
        opening = (0..<Self.laneCount).map { _ in OpeningLane(key: key) }
    }

    /// The sealed record: `overhead` bytes longer than `plain`. The associated data are not in it, but `open` must be
    /// given the same.
    public func seal(_ plain: UnsafeRawBufferPointer, associatedData: UnsafeRawBufferPointer) -> [UInt8] {
        precondition(plain.count <= Self.maximumContentByteCount, "content too long to seal")
        for lane in sealing {
            if let sealed = lane.sealIfFree(plain, associatedData) { return sealed }
        }
        return sealing[0].seal(plain, associatedData)
    }

    /// Replaces the content of `plain`; after an error it is empty.
    public func open(
        _ sealed: UnsafeRawBufferPointer, associatedData: UnsafeRawBufferPointer, into plain: inout [UInt8]
    ) throws(SecurityError) {
        plain.removeAll(keepingCapacity: true)
        let count = sealed.count - SealedLayout.overhead
        guard count >= 0 else { throw .notSealed(reason: "\(sealed.count) bytes, at least \(Self.overhead) needed") }
        guard count <= Self.maximumContentByteCount else {
            throw .notSealed(reason: "\(sealed.count) bytes is too long")
        }
        guard sealed[0] == SealedLayout.version else { throw .notSealed(reason: "version \(sealed[0]) is unknown") }
        let raw = sealed.loadUnaligned(fromByteOffset: SealedLayout.keyIDOffset, as: UInt32.self)
        let record = KeyID(rawValue: UInt32(bigEndian: raw))
        guard record == keyID else { throw .wrongKey(record: record, loaded: keyID) }

        plain.append(contentsOf: repeatElement(0, count: count))
        let opened = plain.withUnsafeMutableBufferPointer { target in
            for lane in opening {
                if let opened = lane.openIfFree(sealed, associatedData, target) { return opened }
            }
            return opening[0].open(sealed, associatedData, target)
        }
        guard opened else {
            plain.removeAll(keepingCapacity: true)
            throw .tampered
        }
    }

    /// Threads that seal or open at once without waiting for each other.
    private static let laneCount = 4
}
