/// How it stands between the gateway and the brokers.
public struct StreamProducerReport: Sendable, Equatable {
    /// Given to the brokers and not yet acknowledged.
    public var bufferedRecords: Int
    public var bufferedBytes: Int
    /// The buffer is at its high mark, and not yet down at the low one.
    public var isShedding: Bool
    /// The brokers acknowledge what they are given.
    public var isAvailable: Bool
    /// Requests that the brokers have acknowledged.
    public var acknowledged: Int
    /// Requests that the brokers were not given, or did not acknowledge in time.
    public var refused: Int
    /// Of those, the ones that went to the log instead.
    public var rerouted: Int
    /// How often the library's client had to be made anew.
    public var replacements: Int
    /// What went wrong last, if nothing was acknowledged since.
    public var trouble: String?
}
