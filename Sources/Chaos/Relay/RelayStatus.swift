/// What a relay has done since it began, and what it is told to do.
package struct RelayStatus: Codable, Equatable, Sendable {
    /// Those that it follows now.
    package var settings = RelaySettings()
    /// That were taken.
    package var connections = 0
    /// Of those, the ones that the target did not take.
    package var refusedConnections = 0
    /// Of those, the ones that were broken after a piece had been passed on.
    package var brokenConnections = 0
    /// That were passed on, both directions together.
    package var pieces = 0
    /// Of those, the ones that had to wait.
    package var delayedPieces = 0
    package var bytes = 0
    /// The most that one direction of a connection has held at a time.
    package var mostHeldBytes = 0

    package init() {}
}
