import Synchronization

/// Principals of tokens that were verified a short while ago, keyed by the whole token.
///
/// Two generations of half the capacity each: when the young one is full, it becomes the old one and the old one is
/// dropped, so the bound holds without any bookkeeping of use.
final class TokenCache: Sendable {
    private struct Entry {
        let principal: Principal
        let validUntilSeconds: Int64
    }

    private struct Generations {
        var young: [String: Entry] = [:]
        var old: [String: Entry] = [:]
    }

    private let generationCapacity: Int
    private let generations = Mutex(Generations())

    init(capacity: Int) {
        precondition(capacity >= 2, "the token cache holds at least two tokens")
        generationCapacity = capacity / 2
    }

    var count: Int { generations.withLock { $0.young.count + $0.old.count } }

    func principal(for token: String, nowSeconds: Int64) -> Principal? {
        generations.withLock { generations in
            guard let entry = generations.young[token] ?? generations.old[token] else { return nil }
            return nowSeconds < entry.validUntilSeconds ? entry.principal : nil
        }
    }

    func insert(_ principal: Principal, for token: String, validUntilSeconds: Int64) {
        generations.withLock { generations in
            if generations.young.count >= generationCapacity {
                generations.old = generations.young
                generations.young = [:]
            }
            generations.young[token] = Entry(principal: principal, validUntilSeconds: validUntilSeconds)
        }
    }
}
