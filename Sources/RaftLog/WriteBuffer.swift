/// Bytes gathered for one write. It keeps its memory from write to write.
struct WriteBuffer: ~Copyable {
    private var memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init() { memory = .allocate(byteCount: 64 << 10, alignment: 4096) }
    deinit { memory.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    func pointer(at offset: Int) -> UnsafeMutableRawPointer { memory.baseAddress! + offset }

    /// Room for `byteCount` more bytes, uninitialized.
    mutating func extend(by byteCount: Int) -> UnsafeMutableRawPointer {
        if count + byteCount > memory.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(count + byteCount, 2 * memory.count), alignment: 4096)
            larger.copyMemory(from: bytes)
            memory.deallocate()
            memory = larger
        }
        defer { count += byteCount }
        return memory.baseAddress! + count
    }

    /// Empties it; memory beyond `capacity`, taken for one huge record, is given back.
    mutating func clear(keeping capacity: Int) {
        count = 0
        guard memory.count > 2 * capacity else { return }
        memory.deallocate()
        memory = .allocate(byteCount: capacity, alignment: 4096)
    }
}
