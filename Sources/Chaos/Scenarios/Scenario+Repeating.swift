extension Scenario {
    /// The same sort of fault again and again, one after the other.
    static func repeating(
        _ name: String, _ summary: String, isQuick: Bool = false, dataMegabytes: Int? = nil,
        hasRelays: Bool = false, for duration: ClosedRange<Int>,
        _ fault: @escaping @Sendable (inout SeededRandom) -> any Fault
    ) -> Scenario {
        Scenario(
            name: name, summary: summary, isQuick: isQuick, dataMegabytes: dataMegabytes, hasRelays: hasRelays
        ) { sequence, random in
            sequence.then(fault(&random), for: duration)
        }
    }
}
