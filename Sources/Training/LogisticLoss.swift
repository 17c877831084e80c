import Foundation

/// -log of the probability that a logit gives to what was the case.
enum LogisticLoss {
    static func loss(logit: Float, target: Float) -> Double {
        let signed = Double(target > 0.5 ? -logit : logit)
        return max(signed, 0) + log1p(exp(-abs(signed)))
    }
}
