/// Elementary functions from IEEE 754 additions, multiplications and divisions alone, in a fixed order.
///
/// The C library's differ between its versions and between processors in the last bit; what the replicated fold uses
/// must not. Nothing here is contracted into fused operations. Accuracies are checked by a test against the C library.
public enum Mathematics {
    /// For finite `x` > 0. Error at most 2e-9 + 1e-15 · |result|. Subnormal numbers count as the smallest normal one.
    public static func log2(_ x: Double) -> Double {
        let x = max(x, Double.leastNormalMagnitude)
        // x = m · 2^e with m in [sqrt(1/2), sqrt(2)).
        var bits = x.bitPattern
        let shift = (bits &- 0x3FE6_A09E_667F_3BCD) >> 52
        let exponent = Int64(bitPattern: shift << 52) >> 52
        bits = bits &- UInt64(bitPattern: exponent << 52)
        let m = Double(bitPattern: bits)
        // ln m = 2 artanh s, s = (m - 1) / (m + 1), |s| <= 0.1716.
        let s = (m - 1) / (m + 1)
        let q = s * s
        let series = 1 + q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + q * (1.0 / 9 + q * (1.0 / 11)))))
        return Double(exponent) + 2.885_390_081_777_926_8 * s * series
    }

    /// For finite `x` > 0: as for doubles, rounded.
    public static func log2(_ x: Float) -> Float { Float(log2(Double(x))) }

    /// Relative error at most 2e-9. Below -1020 the result is that of -1020, above 1020 that of 1020.
    public static func exp2(_ x: Double) -> Double {
        let x = min(max(x, -1020), 1020)
        let whole = x.rounded()
        // 2^f = e^t, |t| <= 0.3466.
        let t = (x - whole) * 0.693_147_180_559_945_3
        let lower = 1 + t * (1 + t * (0.5 + t * (1.0 / 6 + t * (1.0 / 24))))
        let power = t * t * t * t * t
        let upper = 1.0 / 120 + t * (1.0 / 720 + t * (1.0 / 5040 + t * (1.0 / 40320)))
        return (lower + power * upper) * Double(sign: .plus, exponent: Int(whole), significand: 1)
    }

    /// Relative error at most 3e-7. Below -125 the result is that of -125, above 125 that of 125.
    @inline(__always)
    public static func exp2(_ x: Float) -> Float {
        let x = min(max(x, -125), 125)
        // The sum's last bits are the nearest whole number, ties to even.
        let shifted = x + 0x1.8p23
        let t = (x - (shifted - 0x1.8p23)) * 0.693_147_18
        var series = t * 0.001_388_889 + 0.008_333_334
        series = t * series + 0.041_666_668
        series = t * series + 0.166_666_67
        series = t * series + 0.5
        series = t * series + 1
        series = t * series + 1
        return series * Float(bitPattern: (shifted.bitPattern &- 0x4B40_0000 &+ 127) &<< 23)
    }

    /// Eight at once; each lane equals the scalar function's result to the bit.
    @inline(__always)
    public static func exp2(_ x: SIMD8<Float>) -> SIMD8<Float> {
        typealias Lanes = SIMD8<Float>
        let x = pointwiseMin(pointwiseMax(x, Lanes(repeating: -125)), Lanes(repeating: 125))
        let shifted = x + Lanes(repeating: 0x1.8p23)
        let t = (x - (shifted - Lanes(repeating: 0x1.8p23))) * 0.693_147_18
        var series = t * 0.001_388_889 + 0.008_333_334
        series = t * series + 0.041_666_668
        series = t * series + 0.166_666_67
        series = t * series + 0.5
        series = t * series + 1
        series = t * series + 1
        let exponents = (unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &- 0x4B40_0000 &+ 127) &<< 23
        return series * unsafeBitCast(exponents, to: Lanes.self)
    }

    /// e^x, as `exp2` of x / ln 2. Relative error at most 1e-5 within -87...87 for floats, 2e-9 + 1e-16 · |x| for doubles.
    @inline(__always)
    public static func exp(_ x: Float) -> Float { exp2(x * 1.442_695) }
    public static func exp(_ x: Double) -> Double { exp2(x * 1.442_695_040_888_963_4) }
    @inline(__always)
    public static func exp(_ x: SIMD8<Float>) -> SIMD8<Float> { exp2(x * 1.442_695) }

    /// Natural logarithm, for finite `x` > 0. Error at most 2e-9.
    public static func log(_ x: Double) -> Double { log2(x) * 0.693_147_180_559_945_3 }

    /// 1 / (1 + e^-x), within 0...1. Error at most 1e-6 for floats, 1e-9 for doubles.
    @inline(__always)
    public static func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
    public static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

    /// Within -1...1. Error at most 1e-6 for floats, 1e-8 for doubles.
    @inline(__always)
    public static func tanh(_ x: Float) -> Float { 1 - 2 / (1 + exp(2 * x)) }
    public static func tanh(_ x: Double) -> Double { 1 - 2 / (1 + exp(2 * x)) }
    @inline(__always)
    public static func tanh(_ x: SIMD8<Float>) -> SIMD8<Float> { 1 - 2 / (1 + exp(2 * x)) }
}
