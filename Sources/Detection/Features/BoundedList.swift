/// At most `limit` elements in place, without a heap.
struct BoundedList<let limit: Int, Element: BitwiseCopyable & Sendable>: Sendable {
    private var elements: InlineArray<limit, Element>
    private(set) var count = 0

    /// `filler` stands where no element is.
    init(filler: Element) { elements = InlineArray(repeating: filler) }

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count == limit }
    var last: Element? { count == 0 ? nil : elements[count - 1] }

    @inline(__always)
    subscript(position: Int) -> Element {
        get {
            precondition(position < count, "no such element")
            return elements[position]
        }
        set {
            precondition(position < count, "no such element")
            elements[position] = newValue
        }
    }

    @inline(__always)
    func firstIndex(where matches: (Element) -> Bool) -> Int? {
        for position in 0..<count where matches(elements[position]) { return position }
        return nil
    }

    /// Inserts at `position`; a full list first drops its first element, so `position` must then be above zero and the
    /// element stands one before it.
    mutating func insertDroppingFirst(_ element: Element, at position: Int) {
        if isFull {
            precondition(position > 0, "it would be dropped itself")
            var index = 1
            while index < position {
                elements[index - 1] = elements[index]
                index += 1
            }
            elements[position - 1] = element
        } else {
            var index = count
            while index > position {
                elements[index] = elements[index - 1]
                index -= 1
            }
            elements[position] = element
            count += 1
        }
    }

    mutating func appendDroppingFirst(_ element: Element) { insertDroppingFirst(element, at: count) }

    mutating func remove(at position: Int) {
        precondition(position < count, "no such element")
        var index = position + 1
        while index < count {
            elements[index - 1] = elements[index]
            index += 1
        }
        count -= 1
    }

    /// Moves the element at `position` to the end.
    mutating func moveToEnd(_ position: Int) {
        guard position < count - 1 else { return }
        let element = self[position]
        remove(at: position)
        appendDroppingFirst(element)
    }
}
