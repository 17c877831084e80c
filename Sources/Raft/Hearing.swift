/// When the leader last heard a member, in intervals of an election timeout, and what it heard of its fitness to lead.
struct Hearing: Sendable {
    /// In the interval that is not over yet.
    private var isRecent = false
    private var wasInLastInterval = false
    /// The connection broke, and nothing was heard since.
    private(set) var isLost = false
    var mayLead = true

    /// Heard within one to two election timeouts, and the connection has not broken since.
    var isAlive: Bool { !isLost && (isRecent || wasInLastInterval) }

    mutating func heard() {
        isRecent = true
        isLost = false
    }

    mutating func lost() { isLost = true }

    mutating func endInterval() {
        wasInLastInterval = isRecent
        isRecent = false
    }
}
