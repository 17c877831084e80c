/// One delivery to the receiver of alerts, as it came.
package struct ReceivedAlert: Codable, Sendable, Equatable {
    /// Microseconds since the run began.
    package var at: Int64
    /// The id of its payment: receivers drop repetitions by it.
    package var alert: String
    /// Where the ledger has it, `index.ordinal`.
    package var position: String
    package var user: String
    /// The signature is that of the shared secret, and the header names the same alert.
    package var genuine: Bool

    package init(at: Int64, alert: String, position: String, user: String, genuine: Bool = true) {
        self.at = at
        self.alert = alert
        self.position = position
        self.user = user
        self.genuine = genuine
    }
}
