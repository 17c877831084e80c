package import Raft

/// Why the sequencer refuses, or can't go on.
package enum SequencerError: Error, Equatable, CustomStringConvertible {
    /// A snapshot is for a follower: whoever leads has the log.
    case leads
    case stopped
    /// The entry holds no membership. The node must end.
    case unreadableMembership(index: LogIndex)

    package var description: String {
        switch self {
        case .leads: "a leader takes no snapshot"
        case .stopped: "the sequencer has been stopped"
        case .unreadableMembership(let index): "entry \(index) holds no membership that can be read"
        }
    }
}
