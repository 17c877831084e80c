import Detection
import Foundation
import Testing

@Suite struct MathematicsTests {
    private func expectClose(_ value: Double, _ expected: Double, relative: Double = 0, absolute: Double = 0) {
        #expect(abs(value - expected) <= absolute + relative * abs(expected))
    }

    @Test func theLogarithmIsAsExactAsStated() {
        var random = SeededRandom(1)
        for _ in 0..<20_000 {
            let x = Foundation.exp(random.nextUnit() * 1000 - 500)
            expectClose(Mathematics.log2(x), Foundation.log2(x), relative: 1e-15, absolute: 2e-9)
        }
        #expect(Mathematics.log2(1.0) == 0)
        #expect(Mathematics.log2(Float(8)) == 3)
        #expect(Mathematics.log2(0.0) == -1022)
    }

    @Test func thePowersAreAsExactAsStated() {
        var random = SeededRandom(2)
        for _ in 0..<20_000 {
            let x = random.nextUnit() * 200 - 100
            expectClose(Mathematics.exp2(x), Foundation.exp2(x), relative: 2e-9)
            expectClose(Double(Mathematics.exp2(Float(x))), Foundation.exp2(Double(Float(x))), relative: 3e-7)
            let y = x * 0.8
            expectClose(Mathematics.exp(y), Foundation.exp(y), relative: 1e-8)
            expectClose(Double(Mathematics.exp(Float(y))), Foundation.exp(Double(Float(y))), relative: 1e-5)
        }
        #expect(Mathematics.exp2(Float(-1000)) > 0 && Mathematics.exp2(Float(1000)).isFinite)
        #expect(Mathematics.exp2(-1e300) > 0 && Mathematics.exp2(1e300).isFinite)
    }

    @Test func theCurvesAreAsExactAsStated() {
        var random = SeededRandom(3)
        for _ in 0..<20_000 {
            let x = random.nextUnit() * 60 - 30
            expectClose(Mathematics.sigmoid(x), 1 / (1 + Foundation.exp(-x)), absolute: 1e-9)
            expectClose(Mathematics.tanh(x), Foundation.tanh(x), absolute: 1e-8)
            expectClose(
                Double(Mathematics.sigmoid(Float(x))), 1 / (1 + Foundation.exp(-Double(Float(x)))), absolute: 1e-6)
            expectClose(Double(Mathematics.tanh(Float(x))), Foundation.tanh(Double(Float(x))), absolute: 1e-6)
        }
        #expect(Mathematics.sigmoid(Float(-1e9)) >= 0 && Mathematics.sigmoid(Float(1e9)) == 1)
    }

    @Test func eightAtOnceAreTheSameToTheBit() {
        var random = SeededRandom(4)
        for _ in 0..<1000 {
            let lanes = SIMD8<Float>((0..<8).map { _ in Float(random.nextUnit() * 300 - 150) })
            let (power, curve) = (Mathematics.exp2(lanes), Mathematics.tanh(lanes))
            for lane in 0..<8 {
                #expect(power[lane].bitPattern == Mathematics.exp2(lanes[lane]).bitPattern)
                #expect(curve[lane].bitPattern == Mathematics.tanh(lanes[lane]).bitPattern)
            }
        }
    }
}
