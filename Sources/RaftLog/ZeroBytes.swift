extension UnsafeRawBufferPointer {
    /// Whether all bytes are zero.
    var isZero: Bool { endOfNonzero == 0 }

    /// The offset behind the last byte that isn't zero; zero if there is none.
    var endOfNonzero: Int {
        var end = count
        while end >= 8, loadUnaligned(fromByteOffset: end - 8, as: UInt64.self) == 0 { end -= 8 }
        while end > 0, self[end - 1] == 0 { end -= 1 }
        return end
    }
}
