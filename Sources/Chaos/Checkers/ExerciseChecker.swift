/// The run was a test at all: every fault bit, and there was enough to do.
package struct ExerciseChecker: Checker {
    private let leastCalls: Int

    package init(leastCalls: Int = 200) {
        self.leastCalls = leastCalls
    }

    package func check(_ history: RunHistory) -> CheckResult {
        let toothless = history.faults.filter { $0.evidence == nil }
        if let first = toothless.first {
            return CheckResult(
                name: "exercise", verdict: .notExercised,
                details: ["\(toothless.count) faults did not bite, such as \(first.number) \(first.name)"])
        }
        return .of(
            "exercise", wrong: [], looked: "\(history.faults.count) faults bit, \(history.calls.count) calls",
            isExercised: history.calls.count >= leastCalls)
    }
}
