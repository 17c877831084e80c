/// A handing over of leadership that is under way.
struct Transfer: Sendable {
    let target: NodeID
    /// The target was named by whoever asked; else any other will do.
    let isNamed: Bool
    /// Who asked waits for an answer under this tag; nil where the core decided by itself.
    let tag: UInt64?
    /// The reign that is to end.
    let term: Term
    var ticksLeft: Int
    /// The target was told to stand.
    var isCalled = false
}
