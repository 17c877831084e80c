import Foundation

/// What training needs of the C library; nothing here is part of a decision.
enum TrainingMathematics {
    static func log(_ x: Float) -> Float { Float(Foundation.log(Double(x))) }

    /// From 0 up to 1 over the first tenth, then down to 0.01 by half a cosine; `progress` is 0...1.
    static func schedule(_ progress: Double) -> Float {
        guard progress >= 0.1 else { return Float(progress / 0.1) }
        return Float(0.01 + 0.495 * (1 + cos(.pi * (progress - 0.1) / 0.9)))
    }
}
