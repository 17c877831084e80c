extension RuleProgram {
    /// What the rules of `phase` say. Both phases together, `combined`, are what the program says.
    public func evaluate(_ context: borrowing RuleContext, phase: RulePhase) -> RuleOutcome {
        let range = phase == .beforeModel ? 0..<countBeforeModel : countBeforeModel..<compiled.count
        if range.isEmpty { return .none }
        return code.withMachine(context.features) { machine in
            var outcome = RuleOutcome.none
            compiled.withUnsafeBufferPointer { rules in
                for position in range
                where machine.value(from: rules[position].start, to: rules[position].end, code, context) == 1 {
                    note(rules[position], machine, context, &outcome)
                }
            }
            return outcome
        }
    }

    /// The seldom way: a rule fired.
    @inline(never)
    private func note(
        _ rule: CompiledRule, _ machine: RuleMachine, _ context: borrowing RuleContext, _ outcome: inout RuleOutcome
    ) {
        let id = rules[rule.position].id
        guard !rule.isShadow else {
            if outcome.shadowHits.count < RuleOutcome.maximumReasons {
                outcome.shadowHits.append(ShadowHit(rule: id, points: rule.points, decision: rule.decision))
            }
            return
        }
        outcome.points = 1 - (1 - outcome.points) * (1 - rule.points)
        let reason = Reason(code: id, text: text(rule, machine, context), points: rule.points)
        if let decision = rule.decision, outranks(rule.priority, decision, outcome) {
            outcome.decision = decision
            outcome.priority = rule.priority
            // The reason for the decision stands first, and is never the one that is left out.
            outcome.reasons.insert(reason, at: 0)
            if outcome.reasons.count > RuleOutcome.maximumReasons { outcome.reasons.removeLast() }
        } else if outcome.reasons.count < RuleOutcome.maximumReasons {
            outcome.reasons.append(reason)
        }
    }

    private func outranks(_ priority: Int, _ decision: Decision, _ outcome: RuleOutcome) -> Bool {
        guard let standing = outcome.decision else { return true }
        return RuleRank(priority, decision) > RuleRank(outcome.priority, standing)
    }

    private func text(
        _ rule: CompiledRule, _ machine: RuleMachine, _ context: borrowing RuleContext
    ) -> String {
        var text = ""
        for part in templates[rule.position].parts {
            switch part {
            case .text(let literal): text += literal
            case .value(let start, let end, let format):
                let value = machine.value(from: start, to: end, code, context)
                text += ReasonTemplate.text(value, format, context.event)
            }
        }
        return text
    }
}

extension RuleCode {
    /// Runs `body` with a machine over these features. Its stack lies on the thread's own.
    fileprivate func withMachine<Result>(
        _ features: FeatureVector, _ body: (RuleMachine) -> Result
    ) -> Result {
        instructions.withUnsafeBufferPointer { instructions in
            constants.withUnsafeBufferPointer { constants in
                features.withUnsafeValues { features in
                    withUnsafeTemporaryAllocation(of: Double.self, capacity: stackDepth + 1) { stack in
                        body(
                            RuleMachine(
                                instructions: instructions, constants: constants, features: features,
                                stack: stack.baseAddress!))
                    }
                }
            }
        }
    }
}
