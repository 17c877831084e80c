import Testing
import Training

@Suite struct TrainingSequenceTests {
    @Test func `a sequence keeps a label beside each token`() {
        var sequence = TrainingSequence(user: 7)
        sequence.append(SIMD16(repeating: 1), .unknown)
        sequence.append(SIMD16(repeating: 2), .fraud)
        #expect(sequence.tokens.count == 2)
        #expect(sequence.labels == [.unknown, .fraud])
    }
}
