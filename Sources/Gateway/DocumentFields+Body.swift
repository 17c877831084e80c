import NIOCore
import Pipeline

extension DocumentFields {
    /// The fields of the object that a body holds.
    init(_ body: ByteBuffer, maxBytes: Int) throws(Problem) {
        do throws(TransactionParserError) {
            self.init(
                try body.withUnsafeReadableBytes { bytes throws(TransactionParserError) in
                    try StrictDocument.read(bytes, maxBytes: maxBytes)
                })
        } catch {
            throw Problem(error)
        }
    }
}
