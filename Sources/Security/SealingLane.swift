import COpenSSL
import Synchronization

/// One context of a sealer with a session of its own.
final class SealingLane: Sendable {
    private struct State {
        let context = CipherContext()
        var session: [UInt8] = []
        /// Seals done in the session. Starts as if the last session were used up.
        var counter = UInt64.max
    }

    private let key: SealingKey
    private let sealsPerSession: UInt64
    private let state = Mutex(State())

    init(key: SealingKey, sealsPerSession: UInt64) {
        self.key = key
        self.sealsPerSession = sealsPerSession
    }

    func seal(_ plain: UnsafeRawBufferPointer, _ associatedData: UnsafeRawBufferPointer) -> [UInt8] {
        state.withLock { seal(plain, associatedData, &$0) }
    }

    /// Nil if another thread is at it.
    func sealIfFree(_ plain: UnsafeRawBufferPointer, _ associatedData: UnsafeRawBufferPointer) -> [UInt8]? {
        state.withLockIfAvailable { seal(plain, associatedData, &$0) }
    }

    private func seal(
        _ plain: UnsafeRawBufferPointer, _ associatedData: UnsafeRawBufferPointer, _ state: inout State
    ) -> [UInt8] {
        if state.counter >= sealsPerSession { beginSession(&state) }
        let total = plain.count + SealedLayout.overhead
        let sealed = [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            bytes[0] = SealedLayout.version
            bytes.storeBytes(of: key.keyID.rawValue.bigEndian, toByteOffset: SealedLayout.keyIDOffset, as: UInt32.self)
            UnsafeMutableRawBufferPointer(rebasing: bytes[SealedLayout.sessionOffset..<SealedLayout.counterOffset])
                .copyBytes(from: state.session)
            bytes.storeBytes(of: state.counter.bigEndian, toByteOffset: SealedLayout.counterOffset, as: UInt64.self)
            let start = buffer.baseAddress!
            withNonce(counterBigEndian: state.counter.bigEndian) { nonce in
                state.context.encrypt(
                    plain, associatedData: associatedData, nonce: nonce, into: start + SealedLayout.headerByteCount,
                    tag: start + (total - SealedLayout.tagByteCount))
            }
            count = total
        }
        state.counter += 1
        return sealed
    }

    private func beginSession(_ state: inout State) {
        state.session = [UInt8](unsafeUninitializedCapacity: SealedLayout.sessionByteCount) { buffer, count in
            let done = RAND_bytes(buffer.baseAddress, Int32(SealedLayout.sessionByteCount))
            precondition(done == 1, "the system has no randomness to give")
            count = SealedLayout.sessionByteCount
        }
        state.counter = 0
        state.context.setKey(SealedLayout.sessionKey(master: key, session: state.session), encrypting: true)
    }
}

/// Four zeros, then the counter.
func withNonce<Result>(counterBigEndian counter: UInt64, _ body: (UnsafePointer<UInt8>) -> Result) -> Result {
    var nonce: InlineArray<12, UInt8> = .init(repeating: 0)
    return withUnsafeMutableBytes(of: &nonce) { bytes in
        bytes.storeBytes(of: counter, toByteOffset: 4, as: UInt64.self)
        return body(bytes.bindMemory(to: UInt8.self).baseAddress!)
    }
}
