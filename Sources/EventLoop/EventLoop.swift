internal import CLibuv
internal import Glibc
internal import Synchronization

/// A libuv loop on a thread of its own, and the serial executor of the actors that live on it.
///
/// Actors that return this loop as their executor share its thread: calls between them don't switch threads, and the
/// callbacks of its timers and sockets may enter them with `assumeIsolated`. Jobs and closures run in the order they
/// came, from whatever thread; one turn of the loop runs a bounded number of them, so that sockets get their turn.
///
/// `Timer`, `TCPListener` and `TCPConnection` are confined to the loop: making or using them elsewhere is a
/// programming error and traps.
public final class EventLoop: SerialExecutor, @unchecked Sendable {
    private enum Item {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
        case done
    }

    private enum Phase { case ready, running, stopping, stopped }

    private struct Shared {
        var phase = Phase.ready
        var items: [Item] = []
        /// A wake-up is on its way, or the loop is draining: nobody else needs to send one.
        var wakePending = false
        /// A thread is running jobs that came after the stop.
        var drainsLate = false
    }

    /// Jobs and closures one turn may run before the sockets are looked at again.
    private static let jobsPerTurn = 4096
    private static let readBufferBytes = 256 * 1024

    /// The name of the loop's thread; the kernel shows its first 15 bytes.
    public let name: String

    private let shared = Mutex(Shared())
    /// The thread that may touch what is confined to the loop; zero if there is none.
    private let owner = Atomic<UInt>(0)
    /// Threads between the decision to wake the loop and the end of `uv_async_send`.
    private let wakers = Atomic<Int>(0)
    private var thread = uv_thread_t()

    let loop: UnsafeMutablePointer<uv_loop_t>
    private let wakeUp: UnsafeMutablePointer<uv_async_t>
    private let beforePoll: UnsafeMutablePointer<uv_prepare_t>
    /// One buffer for all sockets: libuv reads into it and calls back at once.
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: readBufferBytes, alignment: 64)

    // Loop thread only.
    private var batch: [Item] = []
    private var batchIndex = 0
    private var turnEndWork: [() -> Void] = []
    private var turnEndBatch: [() -> Void] = []
    private var resources: [ObjectIdentifier: any LoopResource] = [:]
    private var isClosing = false

    /// Makes a loop that does not run yet; what is enqueued waits for `start`.
    public init(name: String) throws(EventLoopError) {
        self.name = name
        loop = .allocate(capacity: 1)
        wakeUp = .allocate(capacity: 1)
        beforePoll = .allocate(capacity: 1)
        do {
            try EventLoopError.check(uv_loop_init(loop), "making an event loop")
        } catch {
            loop.deallocate()
            wakeUp.deallocate()
            beforePoll.deallocate()
            readBuffer.deallocate()
            throw error
        }
        loop.pointee.data = Unmanaged.passUnretained(self).toOpaque()
        let asyncResult = uv_async_init(loop, wakeUp) { EventLoop.of($0!.pointee.loop).drain() }
        precondition(asyncResult == 0, "a fresh loop takes its wake-up handle")
        uv_prepare_init(loop, beforePoll)
        uv_prepare_start(beforePoll) { EventLoop.of($0!.pointee.loop).endTurn() }
    }

    deinit {
        let phase = shared.withLock { $0.phase }
        precondition(phase == .ready || phase == .stopped, "a running event loop keeps itself alive")
        if phase == .ready { closeLoop() }
        loop.deallocate()
        wakeUp.deallocate()
        beforePoll.deallocate()
        readBuffer.deallocate()
    }

    private static func of(_ loop: UnsafeMutablePointer<uv_loop_t>!) -> EventLoop {
        Unmanaged<EventLoop>.fromOpaque(loop.pointee.data).takeUnretainedValue()
    }

    // MARK: Running

    /// Starts the thread. Once.
    public func start() {
        let previous = shared.withLock { shared in
            let previous = shared.phase
            if previous == .ready { shared.phase = .running }
            return previous
        }
        precondition(previous == .ready, "an event loop starts once")
        let result = uv_thread_create(
            &thread,
            { argument in
                let loop = Unmanaged<EventLoop>.fromOpaque(argument!).takeRetainedValue()
                loop.run()
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(result == 0, "no thread for the event loop: \(String(cString: uv_strerror(result)))")
    }

    /// Runs what is queued, closes every timer and socket, and waits for the thread's end. Not from the loop itself.
    ///
    /// A second call does nothing. Jobs that come later run on the thread that brings them, still one at a time, so
    /// that nobody who awaits an actor of this loop waits for ever.
    public func stop() {
        precondition(!isCurrent, "an event loop can't wait for its own thread")
        let previous = shared.withLock { shared in
            let previous = shared.phase
            if previous == .ready || previous == .running { shared.phase = .stopping }
            return previous
        }
        switch previous {
        case .ready:
            owner.store(Self.currentThread, ordering: .releasing)
            finish()
        case .running:
            uv_async_send(wakeUp)
            uv_thread_join(&thread)
        case .stopping, .stopped: break
        }
    }

    private func run() {
        // A write to a closed socket must be an error, not the end of the process.
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipe, nil)
        showName()
        owner.store(Self.currentThread, ordering: .releasing)
        uv_run(loop, UV_RUN_DEFAULT)
        finish()
    }

    /// Gives the thread its name in the kernel's eyes; without it all works the same.
    private func showName() {
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        let bytes = Array(name.utf8.prefix(15))
        _ = write(file, bytes, bytes.count)
        close(file)
    }

    private func finish() {
        uv_unref(UnsafeMutableRawPointer(wakeUp).assumingMemoryBound(to: uv_handle_t.self))
        uv_unref(UnsafeMutableRawPointer(beforePoll).assumingMemoryBound(to: uv_handle_t.self))
        drainFully()
        isClosing = true
        for resource in Array(resources.values) { resource.close() }
        while true {
            drainFully()
            uv_run(loop, UV_RUN_DEFAULT)
            let stopped = shared.withLock { shared in
                guard shared.items.isEmpty else { return false }
                shared.phase = .stopped
                owner.store(0, ordering: .releasing)
                return true
            }
            if stopped { break }
        }
        turnEndWork.removeAll()
        while wakers.load(ordering: .acquiring) != 0 { sched_yield() }
        closeLoop()
    }

    private func closeLoop() {
        uv_close(UnsafeMutableRawPointer(wakeUp).assumingMemoryBound(to: uv_handle_t.self), nil)
        uv_close(UnsafeMutableRawPointer(beforePoll).assumingMemoryBound(to: uv_handle_t.self), nil)
        uv_run(loop, UV_RUN_DEFAULT)
        let result = uv_loop_close(loop)
        precondition(result == 0, "a handle of the event loop was left open")
    }

    // MARK: Jobs

    /// Whether the caller runs on the loop.
    public var isCurrent: Bool { owner.load(ordering: .acquiring) == Self.currentThread }

    private static var currentThread: UInt { UInt(pthread_self()) }

    /// Runs `work` on the loop, after all that was enqueued before it.
    public func execute(_ work: @escaping @Sendable () -> Void) { push(.work(work)) }

    public func enqueue(_ job: consuming ExecutorJob) { push(.job(UnownedJob(job))) }

    public func checkIsolated() { precondition(isCurrent, "not on the event loop \(name)") }

    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private func push(_ item: Item) {
        enum Next { case nothing, wake, runLate }
        let isCurrent = isCurrent
        let next = shared.withLock { shared -> Next in
            shared.items.append(item)
            switch shared.phase {
            case .ready: return .nothing
            case .running, .stopping:
                // The loop looks at the queue before it sleeps: its own jobs need no system call.
                if shared.wakePending || isCurrent { return .nothing }
                shared.wakePending = true
                wakers.add(1, ordering: .acquiring)
                return .wake
            case .stopped:
                if shared.drainsLate { return .nothing }
                shared.drainsLate = true
                return .runLate
            }
        }
        switch next {
        case .nothing: break
        case .wake:
            uv_async_send(wakeUp)
            wakers.subtract(1, ordering: .releasing)
        case .runLate: runLate()
        }
    }

    private func perform(_ item: Item) {
        switch item {
        case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
        case .work(let work): work()
        case .done: preconditionFailure("a job runs once")
        }
    }

    private func drain() {
        var budget = Self.jobsPerTurn
        while budget > 0 {
            if batchIndex == batch.count, !refillBatch() {
                if !isClosing, shared.withLock({ $0.phase == .stopping }) { uv_stop(loop) }
                return
            }
            let item = batch[batchIndex]
            batch[batchIndex] = .done
            batchIndex += 1
            budget -= 1
            perform(item)
        }
        uv_async_send(wakeUp)
    }

    private func drainFully() {
        while batchIndex < batch.count || refillBatch() {
            let item = batch[batchIndex]
            batch[batchIndex] = .done
            batchIndex += 1
            perform(item)
        }
    }

    /// Swaps the finished batch for all that has come since; false if nothing has.
    private func refillBatch() -> Bool {
        if batch.capacity > 1 << 16 { batch = [] } else { batch.removeAll(keepingCapacity: true) }
        batchIndex = 0
        return shared.withLock { shared in
            shared.wakePending = !shared.items.isEmpty
            swap(&shared.items, &batch)
            return shared.wakePending
        }
    }

    private func runLate() {
        owner.store(Self.currentThread, ordering: .releasing)
        while true {
            let item = shared.withLock { shared -> Item? in
                guard shared.items.isEmpty else { return shared.items.removeFirst() }
                shared.drainsLate = false
                owner.store(0, ordering: .releasing)
                return nil
            }
            guard let item else { return }
            perform(item)
        }
    }

    // MARK: For what is confined to the loop

    /// The loop's monotonic clock in milliseconds, as of the beginning of this turn. On the loop only.
    public var nowMilliseconds: UInt64 {
        preconditionCurrent()
        return uv_now(loop)
    }

    /// Runs `work` once, when this turn's callbacks and jobs are done and before the loop sleeps: the place to write
    /// what a turn has gathered. Work added at the end of a turn runs at the end of the next, which comes at once. On the loop only.
    public func atEndOfTurn(_ work: @escaping () -> Void) {
        preconditionCurrent()
        turnEndWork.append(work)
    }

    /// Traps unless the caller runs on the loop.
    public func preconditionCurrent() { precondition(isCurrent, "not on the event loop \(name)") }

    private func endTurn() {
        drain()
        guard !turnEndWork.isEmpty else { return }
        swap(&turnEndWork, &turnEndBatch)
        for index in turnEndBatch.indices { turnEndBatch[index]() }
        turnEndBatch.removeAll(keepingCapacity: true)
        let hasMore = !turnEndWork.isEmpty || shared.withLock { !$0.items.isEmpty }
        if hasMore { uv_async_send(wakeUp) }
    }

    /// Keeps `resource` alive until it is forgotten, and closes it when the loop stops.
    func keep(_ resource: some LoopResource) throws(EventLoopError) {
        preconditionCurrent()
        if isClosing { throw .stopped }
        resources[ObjectIdentifier(resource)] = resource
    }

    func forget(_ resource: some LoopResource) { resources[ObjectIdentifier(resource)] = nil }
}

/// A timer or socket: open until it is closed by its user or by the end of the loop.
protocol LoopResource: AnyObject {
    func close()
}
