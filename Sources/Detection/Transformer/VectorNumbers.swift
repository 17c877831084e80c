/// 2^(x·log2 e) for x in -87...87 by IEEE basic operations: rounds to the nearest power of two and takes a polynomial of
/// the rest. Relative error below 3e-7. What is below -87 counts as -87.
@inlinable @inline(__always)
package func exponential(_ x: SIMD16<Float>) -> SIMD16<Float> {
    let scaled = pointwiseMax(x, SIMD16(repeating: -87)) * 1.442695041
    // Adding 1.5·2^23 leaves the nearest integer in the lowest bits.
    let shifted = scaled + SIMD16(repeating: 12_582_912)
    let rest = scaled - (shifted - 12_582_912)
    var power = rest * 0.0013333558 + 0.0096181291
    power = power * rest + 0.0555041087
    power = power * rest + 0.2402265070
    power = power * rest + 0.6931471806
    power = power * rest + 1
    let whole = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &- 0x4B40_0000
    return power * unsafeBitCast((whole &+ 127) &<< 23, to: SIMD16<Float>.self)
}

/// The same for one number, in the same order.
@inlinable
package func exponential(_ x: Float) -> Float {
    let scaled = max(x, -87) * 1.442695041
    let shifted = scaled + 12_582_912
    let rest = scaled - (shifted - 12_582_912)
    var power = rest * 0.0013333558 + 0.0096181291
    power = power * rest + 0.0555041087
    power = power * rest + 0.2402265070
    power = power * rest + 0.6931471806
    power = power * rest + 1
    let whole = Int32(bitPattern: shifted.bitPattern) &- 0x4B40_0000
    return power * Float(bitPattern: UInt32(bitPattern: (whole &+ 127) &<< 23))
}

extension UnsafePointer<Float> {
    @inlinable @inline(__always)
    package func eight(_ offset: Int) -> SIMD8<Float> {
        UnsafeRawPointer(self + offset).loadUnaligned(as: SIMD8<Float>.self)
    }

    @inlinable @inline(__always)
    package func sixteen(_ offset: Int) -> SIMD16<Float> {
        UnsafeRawPointer(self + offset).loadUnaligned(as: SIMD16<Float>.self)
    }
}

extension UnsafeMutablePointer<Float> {
    @inlinable @inline(__always)
    package func eight(_ offset: Int) -> SIMD8<Float> { UnsafePointer(self).eight(offset) }

    @inlinable @inline(__always)
    package func store(_ eight: SIMD8<Float>, _ offset: Int) {
        UnsafeMutableRawPointer(self + offset).storeBytes(of: eight, as: SIMD8<Float>.self)
    }
}

/// y += x·W for one row: `inputs` numbers in `x`, `outputs` (a multiple of 32) in `y`.
@inline(__always)
func addProduct(
    _ x: UnsafePointer<Float>, _ inputs: Int, _ weights: UnsafePointer<Float>, _ outputs: Int,
    into y: UnsafeMutablePointer<Float>
) {
    var column = 0
    while column < outputs {
        // Four registers of eight hold a panel of the sum, whatever the number of inputs.
        var first = y.eight(column)
        var second = y.eight(column + 8)
        var third = y.eight(column + 16)
        var fourth = y.eight(column + 24)
        var row = weights + column
        for input in 0..<inputs {
            let factor = x[input]
            first += factor * row.eight(0)
            second += factor * row.eight(8)
            third += factor * row.eight(16)
            fourth += factor * row.eight(24)
            row += outputs
        }
        y.store(first, column)
        y.store(second, column + 8)
        y.store(third, column + 16)
        y.store(fourth, column + 24)
        column += 32
    }
}

/// y = x · gain ÷ √(mean x² + 1e-5), over `width` numbers, a multiple of 8.
@inline(__always)
func normalise(
    _ x: UnsafePointer<Float>, _ gain: UnsafePointer<Float>, _ width: Int, into y: UnsafeMutablePointer<Float>
) {
    var squares = SIMD8<Float>.zero
    for column in stride(from: 0, to: width, by: 8) {
        let part = x.eight(column)
        squares += part * part
    }
    let inverse = 1 / (squares.sum() / Float(width) + 1e-5).squareRoot()
    for column in stride(from: 0, to: width, by: 8) { y.store(x.eight(column) * inverse * gain.eight(column), column) }
}
