internal import Glibc

/// A thread of our own, for calls that block on the disk.
final class LogThread: Sendable {
    private let handle: pthread_t

    /// - Parameter name: at most 15 characters, as the kernel shows it.
    init(name: String, run: @escaping @Sendable () -> Void) {
        precondition(name.utf8.count <= 15, "the kernel keeps 15 characters of a thread's name")
        handle = startThread(ThreadBody(name: name, run: run))
    }

    var isCurrent: Bool { pthread_equal(pthread_self(), handle) != 0 }

    /// Waits for the end of the thread; once, and not on the thread itself.
    func join() {
        precondition(!isCurrent, "a thread can't wait for its own end")
        pthread_join(handle, nil)
    }
}

private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }

    /// For ps and top; of no consequence if it fails.
    func setName() {
        let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = write(descriptor, name, name.utf8.count)
        close(descriptor)
    }
}

private func startThread(_ body: ThreadBody) -> pthread_t {
    var handle: pthread_t = 0
    let code = pthread_create(&handle, nil, threadMain, Unmanaged.passRetained(body).toOpaque())
    precondition(code == 0, "no thread to be had: error \(code)")
    return handle
}

private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let body = Unmanaged<ThreadBody>.fromOpaque(context!).takeRetainedValue()
    body.setName()
    body.run()
    return nil
}
