public import Detection

extension TransformerTrainer {
    /// How a transformer is trained. The defaults suit from ten thousand to a few million labelled payments.
    public struct Options: Sendable {
        /// Shape, and what it may read.
        public var configuration = Transformer.Configuration(usesMerchantLabels: true)
        /// Equal seeds, sequences and options give equal transformers, whatever the number of cores.
        public var seed: UInt64 = 1
        /// Times that everything is learnt from; at least 1.
        public var epochs = 10
        /// At most so many labelled payments an epoch, 0 for all. Windows with a fraud are always among them; of the
        /// others so many are drawn anew each epoch, and count for those left out.
        public var labelsPerEpoch = 250_000
        /// Labelled payments in a batch.
        public var batchLabels = 512
        /// At the height of the schedule, which warms up over the first tenth of the steps and falls by a half cosine.
        public var learningRate: Float = 3e-3
        public var weightDecay: Float = 0.02
        /// How much more a fraud counts than a genuine payment.
        public var fraudWeight: Float = 1
        /// Weight of the past in the running average of the weights: 0..<1.
        public var averaging: Float = 0.98
        /// Share of the users, 0...0.5, who are not learnt from but tell when to stop; 0 trains all epochs.
        public var validationShare = 0.1
        /// Epochs without a better validation loss before training ends.
        public var patience = 3
        /// Epochs of guessing next tokens before labels are looked at; labelled or not, every payment counts.
        public var pretrainingEpochs = 0
        /// Payments an epoch of pre-training looks at, at most.
        public var pretrainingPayments = 500_000

        public init() {}
    }

    /// Where a training stands, told after each epoch.
    public struct Progress: Sendable {
        public enum Phase: Sendable { case pretraining, training }
        public let phase: Phase
        /// From 1.
        public let epoch: Int
        public let epochs: Int
        /// Mean loss of a labelled payment (of a guessed token in pre-training) while learning.
        public let loss: Double
        /// The same on the users held out; nil without validation.
        public let validationLoss: Double?
    }
}
