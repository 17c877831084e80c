/// Things to come, by time; those of one moment in the order they were put in. A binary heap of small keys, with the
/// things themselves in slots beside it, so that sifting moves three words.
struct EventQueue<Element> {
    private struct Key {
        var time: Microseconds
        var order: Int
        var slot: Int

        func isBefore(_ other: Key) -> Bool { (time, order) < (other.time, other.order) }
    }

    private var heap: [Key] = []
    private var slots: [Element?] = []
    private var free: [Int] = []
    private var order = 0

    var count: Int { heap.count }

    mutating func add(_ element: Element, at time: Microseconds) {
        order += 1
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            slots[slot] = element
        } else {
            slot = slots.count
            slots.append(element)
        }
        heap.append(Key(time: time, order: order, slot: slot))
        heap.withUnsafeMutableBufferPointer { heap in
            var child = heap.count - 1
            let key = heap[child]
            while child > 0, key.isBefore(heap[(child - 1) / 2]) {
                heap[child] = heap[(child - 1) / 2]
                child = (child - 1) / 2
            }
            heap[child] = key
        }
    }

    mutating func next() -> (time: Microseconds, element: Element)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap.withUnsafeMutableBufferPointer { heap in
                var parent = 0
                while true {
                    var child = 2 * parent + 1
                    guard child < heap.count else { break }
                    if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
                    guard heap[child].isBefore(last) else { break }
                    heap[parent] = heap[child]
                    parent = child
                }
                heap[parent] = last
            }
        }
        let element = slots[first.slot].take()!
        free.append(first.slot)
        return (first.time, element)
    }
}
