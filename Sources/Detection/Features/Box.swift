/// A large value behind one reference, copied when it is written to while shared.
///
/// A map of boxes grows and rotates by moving references; keeping a box as an undo costs nothing until the next write.
/// The value is reached by its address: as a class's property, each reading would copy all of it.
struct Box<Value: Sendable>: @unchecked Sendable {
    private final class Storage: ManagedBuffer<Void, Value> {
        deinit { withUnsafeMutablePointerToElements { _ = $0.deinitialize(count: 1) } }
    }

    // Written to only while this box is its sole owner, so it may cross threads.
    private var storage: ManagedBuffer<Void, Value>

    init(_ value: Value) {
        storage = Storage.create(minimumCapacity: 1) { _ in }
        storage.withUnsafeMutablePointerToElements { $0.initialize(to: value) }
    }

    var value: Value {
        @inline(__always)
        unsafeAddress { UnsafePointer(storage.withUnsafeMutablePointerToElements { $0 }) }
        @inline(__always)
        unsafeMutableAddress {
            if !isKnownUniquelyReferenced(&storage) { self = Self(value) }
            return storage.withUnsafeMutablePointerToElements { $0 }
        }
    }
}
