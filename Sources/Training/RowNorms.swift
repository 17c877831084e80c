import Detection

/// The root-mean-square norm over many rows, there and back.
enum RowNorms {
    /// y = x · gain · inverse with inverse = 1 ÷ √(mean x² + 1e-5), row by row.
    static func forward(
        _ x: UnsafePointer<Float>, _ gain: UnsafePointer<Float>, rows: Int, width: Int,
        into y: UnsafeMutablePointer<Float>, inverses: UnsafeMutablePointer<Float>
    ) {
        for row in 0..<rows {
            let (x, y) = (x + row * width, y + row * width)
            var squares = SIMD8<Float>.zero
            for column in stride(from: 0, to: width, by: 8) { squares += x.eight(column) * x.eight(column) }
            let inverse = 1 / (squares.sum() / Float(width) + 1e-5).squareRoot()
            inverses[row] = inverse
            for column in stride(from: 0, to: width, by: 8) {
                y.store(x.eight(column) * inverse * gain.eight(column), column)
            }
        }
    }

    /// Adds to `dx` and to `gainGradient` what the gradient `dy` of the norm's result makes of them.
    static func addBackward(
        _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ inverses: UnsafePointer<Float>,
        _ gain: UnsafePointer<Float>, rows: Int, width: Int,
        into dx: UnsafeMutablePointer<Float>, gainGradient: UnsafeMutablePointer<Float>
    ) {
        for row in 0..<rows {
            let (dy, x, dx) = (dy + row * width, x + row * width, dx + row * width)
            let inverse = inverses[row]
            var product = SIMD8<Float>.zero
            for column in stride(from: 0, to: width, by: 8) {
                let scaled = dy.eight(column) * x.eight(column)
                product += scaled * gain.eight(column)
                gainGradient.store(gainGradient.eight(column) + scaled * inverse, column)
            }
            let pull = product.sum() * inverse * inverse / Float(width)
            for column in stride(from: 0, to: width, by: 8) {
                let straight = dy.eight(column) * gain.eight(column)
                dx.store(dx.eight(column) + inverse * (straight - x.eight(column) * pull), column)
            }
        }
    }
}
