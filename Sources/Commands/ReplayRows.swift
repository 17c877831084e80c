import NIOCore
import Training

/// Rows to post, one batch after another.
protocol ReplayRows: AnyObject {
    /// Writes up to `count` rows as lines of JSON; how many there were, zero at the end.
    func next(_ count: Int, into body: inout ByteBuffer) throws(GzipLines.Failure) -> Int
    /// Given out so far.
    var rows: Int { get }
    /// How much has been given out, 0...1.
    var fraction: Double { get }
}
