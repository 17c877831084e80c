internal import CLibuv

/// Calls back once or again and again, on the loop. Confined to the loop; lives until `close` or the loop's end.
public final class Timer: LoopResource {
    private let loop: EventLoop
    private var handle: UnsafeMutablePointer<uv_timer_t>?
    private var work: (() -> Void)?

    /// Makes a timer that does not run yet.
    ///
    /// - Throws: `stopped` if the loop is stopping.
    public init(loop: EventLoop, _ work: @escaping () -> Void) throws(EventLoopError) {
        self.loop = loop
        self.work = work
        try loop.keep(self)
        let handle = UnsafeMutablePointer<uv_timer_t>.allocate(capacity: 1)
        uv_timer_init(loop.loop, handle)
        handle.pointee.data = Unmanaged.passUnretained(self).toOpaque()
        self.handle = handle
    }

    /// Sets or resets the timer: it fires `milliseconds` from now, then every `period` milliseconds if that is not zero.
    public func start(afterMilliseconds milliseconds: Int, everyMilliseconds period: Int = 0) {
        loop.preconditionCurrent()
        precondition(milliseconds >= 0 && period >= 0, "a timer runs forward")
        guard let handle else { return }
        // The turn may be long: count from now, not from its beginning.
        uv_update_time(loop.loop)
        uv_timer_start(
            handle, { Unmanaged<Timer>.fromOpaque($0!.pointee.data).takeUnretainedValue().work?() },
            UInt64(milliseconds), UInt64(period))
    }

    /// Whether it is going to fire.
    public var isActive: Bool {
        loop.preconditionCurrent()
        guard let handle else { return false }
        return uv_is_active(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) != 0
    }

    /// It does not fire until it is started again.
    public func stop() {
        loop.preconditionCurrent()
        if let handle { uv_timer_stop(handle) }
    }

    /// It never fires again. Closing twice is nothing.
    public func close() {
        loop.preconditionCurrent()
        guard let handle else { return }
        self.handle = nil
        work = nil
        uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) {
            UnsafeMutableRawPointer($0!).assumingMemoryBound(to: uv_timer_t.self).deallocate()
        }
        loop.forget(self)
    }
}
