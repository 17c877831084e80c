import Glibc
import Synchronization

/// A thread of our own: what blocks must not block one of the few threads of the Swift pool.
package final class DedicatedThread: Sendable {
    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private let thread: Mutex<pthread_t?>

    /// `name` is what the system shows of the thread, 15 bytes at most.
    package init(name: String, _ body: @escaping @Sendable () -> Void) {
        precondition(name.utf8.count <= 15, "a thread's name has 15 bytes at most")
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var created = pthread_t()
        let status = pthread_create(
            &created, nil,
            { argument in
                let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                nameCurrentThread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        precondition(status == 0, "no thread: \(String(cString: strerror(status)))")
        thread = Mutex(created)
    }

    deinit {
        // Nobody can wait for it any more: the system may free what it has when it ends.
        thread.withLock { thread in
            if let thread { pthread_detach(thread) }
        }
    }

    package var isCurrent: Bool { thread.withLock { $0 }.map { pthread_equal(pthread_self(), $0) != 0 } ?? false }

    /// Waits for the thread's end. The first call waits; later ones return at once. Not from the thread itself.
    package func join() {
        let joined = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let joined { pthread_join(joined, nil) }
    }
}

/// For `top` and debuggers; no harm if it fails.
private func nameCurrentThread(_ name: String) {
    guard let file = fopen("/proc/thread-self/comm", "w") else { return }
    fputs(name, file)
    fclose(file)
}
