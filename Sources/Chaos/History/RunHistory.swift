/// All that is known of a run; what the checkers judge, and nothing else.
package struct RunHistory: Sendable {
    package var scenario = ""
    package var seed: UInt64 = 0
    package var nodes: [Int] = WorldLayout.nodes
    package var calls: [CallRecord] = []
    package var faults: [FaultRecord] = []
    package var views: [ViewRecord] = []
    package var stored: [StoredRecord] = []
    /// What a receiver of alerts got, in the order in which it came; nil if there was none.
    package var received: [ReceivedAlert]?
    /// What the harness itself had to say, such as a node that ended by itself.
    package var troubles: [String] = []
    /// Microseconds since the run began: when all faults had ended, and when the run had.
    package var healed: Int64 = 0
    package var ended: Int64 = 0

    package init() {}
}
