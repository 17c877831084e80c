import COpenSSL
import Synchronization

/// One place of a sealer to open records at, with the contexts of the sessions seen last.
final class OpeningLane: Sendable {
    private struct Session {
        let id: UInt128
        let context: CipherContext
        var lastUsed: UInt64
    }

    private struct State {
        var sessions: [Session] = []
        var uses: UInt64 = 0
    }

    /// A context takes about 1 KB. Every node and every start of a node brings a few sessions.
    private static let sessionCapacity = 64

    private let key: SealingKey
    private let state = Mutex(State())

    init(key: SealingKey) { self.key = key }

    /// `sealed` has a whole header and tag, `target` the size of the content. False if it was tampered with.
    func open(
        _ sealed: UnsafeRawBufferPointer, _ associatedData: UnsafeRawBufferPointer,
        _ target: UnsafeMutableBufferPointer<UInt8>
    ) -> Bool {
        state.withLock { open(sealed, associatedData, target, &$0) }
    }

    /// Nil if another thread is at it.
    func openIfFree(
        _ sealed: UnsafeRawBufferPointer, _ associatedData: UnsafeRawBufferPointer,
        _ target: UnsafeMutableBufferPointer<UInt8>
    ) -> Bool? {
        state.withLockIfAvailable { open(sealed, associatedData, target, &$0) }
    }

    private func open(
        _ sealed: UnsafeRawBufferPointer, _ associatedData: UnsafeRawBufferPointer,
        _ target: UnsafeMutableBufferPointer<UInt8>, _ state: inout State
    ) -> Bool {
        let context = context(of: sealed, &state)
        let counter = sealed.loadUnaligned(fromByteOffset: SealedLayout.counterOffset, as: UInt64.self)
        let tagStart = sealed.count - SealedLayout.tagByteCount
        let ciphertext = UnsafeRawBufferPointer(rebasing: sealed[SealedLayout.headerByteCount..<tagStart])
        let tag = sealed.bindMemory(to: UInt8.self).baseAddress! + tagStart
        // Even an empty content needs an address to decrypt to.
        var nowhere: UInt8 = 0
        return withUnsafeMutablePointer(to: &nowhere) { nowhere in
            withNonce(counterBigEndian: counter) { nonce in
                context.decrypt(
                    ciphertext, associatedData: associatedData, nonce: nonce, tag: tag,
                    into: target.baseAddress ?? nowhere)
            }
        }
    }

    private func context(of sealed: UnsafeRawBufferPointer, _ state: inout State) -> CipherContext {
        let id = sealed.loadUnaligned(fromByteOffset: SealedLayout.sessionOffset, as: UInt128.self)
        state.uses += 1
        if let position = state.sessions.firstIndex(where: { $0.id == id }) {
            state.sessions[position].lastUsed = state.uses
            return state.sessions[position].context
        }
        if state.sessions.count == Self.sessionCapacity {
            let oldest = state.sessions.indices.min { state.sessions[$0].lastUsed < state.sessions[$1].lastUsed }!
            state.sessions.remove(at: oldest)
        }
        let context = CipherContext()
        let session = Array(sealed[SealedLayout.sessionOffset..<SealedLayout.counterOffset])
        context.setKey(SealedLayout.sessionKey(master: key, session: session), encrypting: false)
        state.sessions.append(Session(id: id, context: context, lastUsed: state.uses))
        return context
    }
}
