import Detection
import Generator
import Testing
import Training

/// A small world, and short trainings on it.
private enum SmallWorld {
    static let users = 400
    static let days = 48

    static func payments(seed: UInt64) -> [LabelledPayment] {
        var generator = PaymentGenerator(
            options: GeneratorOptions(seed: seed, users: users, episodesPerThousandUsers: 8))
        return (0..<days).flatMap { _ in generator.nextDay() }.map {
            LabelledPayment(
                event: $0.event, isFraud: $0.isFraud, labelledAtMicroseconds: $0.labelledAtMicroseconds)
        }
    }

    static func windows(_ payments: [LabelledPayment]) throws -> EvaluationWindows {
        let first = try #require(payments.first).day
        return try EvaluationWindows(
            train: #require(DayRange(first.advanced(by: 14), first.advanced(by: 33))), delayDays: 7,
            test: #require(DayRange(first.advanced(by: 41), first.advanced(by: 47))))
    }

    static func options(_ windows: EvaluationWindows) -> Evaluation.Options {
        var options = Evaluation.Options(windows: windows)
        options.trainer = trainer
        return options
    }

    static var trainer: ModelTrainer.Options {
        var trainer = ModelTrainer.Options()
        trainer.transformer.epochs = 3
        trainer.fusion.trees = 40
        trainer.fusions = 2
        return trainer
    }
}

@Suite("An evaluation")
struct EvaluationTests {
    @Test("gives each engine its measures, the same ones for the same seed, and a hybrid that finds frauds")
    func measures() throws {
        let payments = SmallWorld.payments(seed: 11)
        let evaluation = Evaluation(SmallWorld.options(try SmallWorld.windows(payments)))
        let result = try evaluation.run(payments)
        #expect(Set(result.runs.keys) == Set(Evaluation.Engine.allCases))
        #expect(Set(result.rankings.keys) == Set(Evaluation.Engine.allCases))
        for runs in result.runs.values {
            #expect(runs.count == 1)
            for run in runs {
                for measure in [run.auc, run.ap, run.cp100, run.recall100] { #expect(0...1 ~= measure) }
            }
        }
        let hybrid = try #require(result.runs[.hybrid]?.first)
        let share = Double(result.judgedFrauds) / Double(result.judgedRows)
        #expect(hybrid.auc > 0.7 && hybrid.ap > 5 * share, "\(hybrid)")
        #expect(try evaluation.run(payments).runs == result.runs)
    }

    @Test("looks at nothing that is known only later: other truths in the test window change no score")
    func noLeak() throws {
        let payments = SmallWorld.payments(seed: 12)
        let windows = try SmallWorld.windows(payments)
        let evaluation = Evaluation(SmallWorld.options(windows))
        let end = windows.test.endMicroseconds
        let others = payments.map { payment in
            // Those of the training window whose labels are not there by then, too.
            let isUnknown = payment.labelledAtMicroseconds.map { $0 >= end } ?? true
            guard windows.test.contains(payment.day) || isUnknown else { return payment }
            return LabelledPayment(
                event: payment.event, isFraud: !payment.isFraud,
                labelledAtMicroseconds: payment.labelledAtMicroseconds.map { max($0, end) })
        }
        let kept = payments.map { payment in
            LabelledPayment(
                event: payment.event, isFraud: payment.isFraud,
                labelledAtMicroseconds: windows.test.contains(payment.day)
                    ? payment.labelledAtMicroseconds.map { max($0, end) } : payment.labelledAtMicroseconds)
        }
        #expect(kept.map(\.isFraud) != others.map(\.isFraud))
        func scores(_ payments: [LabelledPayment]) throws -> [Evaluation.Engine: [Int: Float]] {
            let replayed = try evaluation.replay(payments, .standard) { _ in }
            let trainer = ModelTrainer(SmallWorld.trainer)
            let model = try trainer.train(replayed.samples, name: "test")
            return evaluation.judge(
                replayed.tested, model, userOnly: trainer.userOnlyTransformer(replayed.samples) { _ in }, .standard)
        }
        let before = try scores(kept)
        #expect(before[.hybrid]?.isEmpty == false)
        #expect(try scores(others) == before)
    }

    @Test("learns from no label that comes once the test window has begun")
    func lateLabels() throws {
        let payments = SmallWorld.payments(seed: 15)
        let windows = try SmallWorld.windows(payments)
        let late = payments.map { payment in
            guard let time = payment.labelledAtMicroseconds, time > windows.test.startMicroseconds else {
                return payment
            }
            return LabelledPayment(event: payment.event, isFraud: !payment.isFraud, labelledAtMicroseconds: time)
        }
        let learnt = zip(payments, late).count { $0 != $1 && windows.train.contains($0.day) }
        #expect(learnt > 0, "nobody was late")
        let evaluation = Evaluation(SmallWorld.options(windows))
        let samples = try evaluation.replay(payments, .standard) { _ in }.samples
        #expect(try evaluation.replay(late, .standard) { _ in }.samples.labels == samples.labels)
    }

    @Test("with history learns from everything known by then, without it from the training window")
    func history() throws {
        let payments = SmallWorld.payments(seed: 13)
        let windows = try SmallWorld.windows(payments)
        var options = SmallWorld.options(windows)
        let week = try Evaluation(options).replay(payments, .standard) { _ in }.samples
        #expect(week.times.allSatisfy { windows.train.contains(microseconds: $0) })
        options.usesHistory = true
        options.warmUpDays = 5
        let all = try Evaluation(options).replay(payments, .standard) { _ in }.samples
        #expect(all.count > week.count && all.fraudCount > week.fraudCount)
        let last = windows.test.first.advanced(by: -windows.delayDays).startMicroseconds
        #expect(all.times.allSatisfy { $0 < last })
        // Not one payment of the test window's own labels is among them.
        #expect(all.labels.count { $0 == .unknown } == 0)
    }

    @Test("is refused where the test window has nothing to find")
    func nothing() throws {
        let payments = SmallWorld.payments(seed: 14).map {
            LabelledPayment(event: $0.event, isFraud: false, labelledAtMicroseconds: $0.labelledAtMicroseconds)
        }
        let evaluation = Evaluation(SmallWorld.options(try SmallWorld.windows(payments)))
        #expect(throws: TrainingError.self) { try evaluation.run(payments) }
    }
}

@Suite("Training from history")
struct HistoryTrainingTests {
    private func model(seed: UInt64 = 1, costs: DecisionThresholds.Costs? = nil) throws -> DetectionModel {
        var options = HistoryTraining.Options()
        options.name = "small"
        options.trainer = SmallWorld.trainer
        options.trainer.seed = seed
        options.trainer.costs = costs
        var source = RecordedHistory(SmallWorld.payments(seed: 21))
        return try HistoryTraining(options).run(&source)
    }

    @Test("makes an artifact that reads back, the same bytes for the same seed")
    func artifact() throws {
        let model = try model()
        let bytes = model.encode()
        #expect(try DetectionModel(decoding: bytes) == model)
        #expect(try self.model().encode() == bytes)
        #expect(try self.model(seed: 2).encode() != bytes)
        #expect(model.header.frauds > 0 && model.header.rows > model.header.frauds)
        #expect(model.header.metrics["cross_fitted_ap"] != nil)
    }

    @Test("takes its thresholds from costs where they are told")
    func costs() throws {
        let costs = DecisionThresholds.Costs(missedFraud: 100, falseBlock: 20, review: 2)
        #expect(try model(costs: costs).thresholds == DecisionThresholds(costs: costs))
    }

    @Test("is refused where there is too little to learn from")
    func tooLittle() {
        var source = RecordedHistory(Array(SmallWorld.payments(seed: 22).prefix(100)))
        #expect(throws: TrainingError.self) { try HistoryTraining().run(&source) }
    }
}
