public import Detection
import Ledger
import Raft
import Security

/// A profile as a node's fold has it.
public struct ProfileAnswer<Profile: Sendable>: Sendable {
    public let profile: Profile
    /// The log index that it includes at least.
    public let index: UInt64

    public init(profile: Profile, index: UInt64) {
        self.profile = profile
        self.index = index
    }
}

extension Pipeline {
    /// What is known of a user; nil: nothing.
    public func userProfile(
        _ userID: String, consistency: ReadConsistency, deadlineMilliseconds: Int
    ) async throws(BackendError) -> ProfileAnswer<UserProfile>? {
        let key = blindIndex.index(userID, in: .user)
        return try await profile(consistency, deadlineMilliseconds) { $0[user: key] }
    }

    /// What is known of a merchant, by its id, or else by its name if its payments carry no id; nil: nothing.
    public func merchantProfile(
        _ merchant: String, consistency: ReadConsistency, deadlineMilliseconds: Int
    ) async throws(BackendError) -> ProfileAnswer<MerchantProfile>? {
        let keys = MerchantKeys.both(of: merchant, blindIndex)
        return try await profile(consistency, deadlineMilliseconds) { profiles in
            keys.lazy.compactMap { profiles[merchant: $0] }.first
        }
    }

    private func profile<Profile: Sendable>(
        _ consistency: ReadConsistency, _ deadlineMilliseconds: Int,
        _ find: @escaping @Sendable (borrowing Profiles) -> Profile?
    ) async throws(BackendError) -> ProfileAnswer<Profile>? {
        try await folded(consistency, deadlineMilliseconds: deadlineMilliseconds)
        let (profile, index) = try await read { state, _ in (find(state.profiles), state.applied.rawValue) }
        return profile.map { ProfileAnswer(profile: $0, index: index) }
    }

    /// Waits until the fold has come as far as the read must see.
    func folded(_ consistency: ReadConsistency, deadlineMilliseconds: Int) async throws(BackendError) {
        let deadline = ContinuousClock.now + .milliseconds(deadlineMilliseconds)
        let floor = try await freshness(consistency, deadline: deadline)
        while progress.folded < floor {
            guard ContinuousClock.now < deadline, !Task.isCancelled else {
                throw .unavailable(reason: "this node's fold lags", retryAfterSeconds: 1)
            }
            try? await Task.sleep(for: .milliseconds(2))
        }
    }
}
