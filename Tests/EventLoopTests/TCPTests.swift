import EventLoop
import SocketFixture
import Testing

@Suite struct TCPTests {
    /// Listens at `host` and sends back what it gets.
    private static func echo(on loop: EventLoop, host: String) throws -> Int {
        let listener = try TCPListener(loop: loop, host: host, port: 0) { connection in
            connection.onRead = { [unowned connection] in connection.write(copying: $0) }
            connection.startReading()
        }
        return listener.port
    }

    private func exchange(host: String, dialling name: String, bytes: [UInt8]) async throws {
        try await withLoop { loop in
            let port = try await loop.run { try Self.echo(on: loop, host: host) }
            let received = Shared<[UInt8]>([])
            let error = Shared<EventLoopError?>(nil)
            try await loop.run {
                let connection = try TCPConnection(loop: loop)
                connection.onRead = { raw in
                    let copy = Array(raw)
                    received.update { $0 += copy }
                }
                connection.onClosed = { reason in error.update { $0 = reason } }
                connection.connect(host: name, port: port, timeoutMilliseconds: 60_000) { [unowned connection] in
                    connection.setNoDelay()
                    connection.setLivenessTimeout(milliseconds: 60_000)
                    connection.startReading()
                    for start in stride(from: 0, to: bytes.count, by: 1000) {
                        connection.write(Array(bytes[start..<min(bytes.count, start + 1000)]))
                    }
                }
            }
            #expect(await eventually { received.value.count >= bytes.count })
            // Compared before the macro: a difference of megabytes is no message to print.
            let isEqual = received.value == bytes
            #expect(isEqual)
            #expect(error.value == nil)
        }
    }

    @Test func `bytes come back whole and in order over IPv4`() async throws {
        try await exchange(
            host: "127.0.0.1", dialling: "127.0.0.1", bytes: (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
    }

    @Test func `bytes come back whole and in order over IPv6`() async throws {
        try await exchange(host: "::1", dialling: "::1", bytes: [1, 2, 3])
    }

    @Test func `a name is looked up, and each of its addresses tried`() async throws {
        try await exchange(host: "127.0.0.1", dialling: "localhost", bytes: [4, 5, 6])
        try await exchange(host: "localhost", dialling: "localhost", bytes: [7, 8])
    }

    @Test func `five megabytes outgrow the kernel's buffers and still arrive`() async throws {
        let bytes = (0..<5 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        try await exchange(host: "127.0.0.1", dialling: "127.0.0.1", bytes: bytes)
    }

    /// Why a dialled connection ends.
    private func failure(host: String, port: Int, timeoutMilliseconds: Int = 60_000) async throws -> EventLoopError? {
        let error = Shared<EventLoopError?>(nil)
        try await withLoop { loop in
            try await loop.run {
                let connection = try TCPConnection(loop: loop)
                connection.onClosed = { reason in error.update { $0 = reason } }
                connection.connect(host: host, port: port, timeoutMilliseconds: timeoutMilliseconds) {}
            }
            #expect(await eventually { error.value != nil })
        }
        return error.value
    }

    @Test func `a refused dial, an unknown name and a silent host are told apart`() async throws {
        let loop = try EventLoop(name: "port")
        loop.start()
        let port = try await loop.run { try Self.echo(on: loop, host: "127.0.0.1") }
        loop.stop()
        let refused = try await failure(host: "127.0.0.1", port: port)
        #expect(refused.map { "\($0)" } == "connecting to 127.0.0.1:\(port): connection refused (ECONNREFUSED)")
        let unknown = try await failure(host: "no-such-host.invalid", port: 1)
        #expect(unknown.map { "\($0)".hasPrefix("looking up no-such-host.invalid: ") } == true)
        // Nobody answers at an address reserved for documentation; without a route the kernel says so at once.
        let silent = try await failure(host: "192.0.2.1", port: 9, timeoutMilliseconds: 50)
        #expect(silent != nil)
    }

    @Test func `a port in use and an unknown host are errors of listening`() async throws {
        try await withLoop { loop in
            let texts = try await loop.run {
                let port = try Self.echo(on: loop, host: "127.0.0.1")
                var texts: [String] = []
                for host in ["127.0.0.1", "no-such-host.invalid"] {
                    do throws(EventLoopError) {
                        _ = try TCPListener(loop: loop, host: host, port: port) { _ in }
                    } catch {
                        texts.append("\(error)".replacing("\(port)", with: "PORT"))
                    }
                }
                return texts
            }
            #expect(texts.count == 2)
            #expect(texts.first == "listening at 127.0.0.1:PORT: address already in use (EADDRINUSE)")
        }
    }

    @Test func `an address that doesn't answer is dialled again and again, and the one that it then answers counts`()
        async throws
    {
        try await withLoop { loop in
            let port = try SilentPort()
            let isConnected = Shared(false)
            try await loop.run {
                let client = try TCPConnection(loop: loop)
                client.connect(host: "127.0.0.1", port: port.number, timeoutMilliseconds: 600_000) {
                    isConnected.update { $0 = true }
                }
            }
            var dials: Set<Int> = []
            // The kernel by itself would ask three times in the time of a dozen dials, and always from the same port.
            #expect(
                try await eventually {
                    try dials.formUnion(port.dials())
                    return dials.count >= 3
                })
            #expect(!isConnected.value)
            try port.answer()
            #expect(await eventually { isConnected.value })
        }
    }

    @Test func `a connection ends whose other side has acknowledged nothing for too long`() async throws {
        try await withLoop { loop in
            let error = Shared<EventLoopError?>(nil)
            try await loop.run {
                // Never reads, so that its kernel soon takes nothing more.
                let listener = try TCPListener(loop: loop, host: "127.0.0.1", port: 0) { _ in }
                let client = try TCPConnection(loop: loop)
                client.onClosed = { reason in error.update { $0 = reason } }
                client.connect(host: "127.0.0.1", port: listener.port, timeoutMilliseconds: 60_000) {
                    [unowned client] in
                    client.setAcknowledgementTimeout(milliseconds: 200)
                    client.startReading()
                    client.write([UInt8](repeating: 0, count: 32 << 20))
                }
            }
            #expect(await eventually { error.value != nil })
            #expect(error.value.map { "\($0)".contains("ETIMEDOUT") } == true)
        }
    }

    @Test func `the end of the other side is noticed; writing to it is an error and not the end of the process`()
        async throws
    {
        try await withLoop { loop in
            let ends = Shared<[String]>([])
            let accepted = Confined<TCPConnection?>(nil)
            try await loop.run {
                let listener = try TCPListener(loop: loop, host: "127.0.0.1", port: 0) { connection in
                    accepted.value = connection
                    // Never reads: only writing shows it that the client is gone.
                    connection.onClosed = { error in
                        let text = "\(error)"
                        ends.update { $0.append(text) }
                    }
                }
                let client = try TCPConnection(loop: loop)
                client.connect(host: "127.0.0.1", port: listener.port, timeoutMilliseconds: 60_000) {
                    [unowned client] in
                    client.close()
                    client.close()
                }
            }
            let gone = await eventually {
                loop.execute { accepted.value?.write([1, 2, 3]) }
                return !ends.value.isEmpty
            }
            #expect(gone)
            #expect(ends.value.count == 1)
            #expect(ends.value[0].hasPrefix("writing: "))
        }
    }

    @Test func `what a slow reader leaves is counted, and drained when it reads`() async throws {
        try await withLoop { loop in
            let accepted = Confined<TCPConnection?>(nil)
            let client = Confined<TCPConnection?>(nil)
            let isConnected = Shared(false)
            let isDrained = Shared(false)
            let received = Shared(0)
            try await loop.run {
                let listener = try TCPListener(loop: loop, host: "127.0.0.1", port: 0) { connection in
                    connection.onRead = { raw in
                        let count = raw.count
                        received.update { $0 += count }
                    }
                    accepted.value = connection
                }
                let connection = try TCPConnection(loop: loop)
                connection.onDrained = { isDrained.update { $0 = true } }
                client.value = connection
                connection.connect(host: "127.0.0.1", port: listener.port, timeoutMilliseconds: 60_000) {
                    isConnected.update { $0 = true }
                }
            }
            #expect(await eventually { isConnected.value })
            let total = 32 << 20
            try await loop.run { for _ in 0..<32 { client.value?.write([UInt8](repeating: 7, count: 1 << 20)) } }
            #expect(try await loop.run { client.value!.queuedBytes } > 1 << 20)
            #expect(!isDrained.value)
            try await loop.run { accepted.value?.startReading() }
            #expect(await eventually { received.value == total && isDrained.value })
            #expect(try await loop.run { client.value!.queuedBytes } == 0)
        }
    }

    @Test func `the loop's end closes listeners and connections in every state`() async throws {
        for _ in 0..<10 {
            let loop = try EventLoop(name: "end")
            loop.start()
            try await loop.run {
                let port = try Self.echo(on: loop, host: "127.0.0.1")
                for host in ["127.0.0.1", "localhost", "192.0.2.1"] {
                    let connection = try TCPConnection(loop: loop)
                    connection.connect(host: host, port: port, timeoutMilliseconds: 60_000) { [unowned connection] in
                        connection.startReading()
                        connection.write([UInt8](repeating: 1, count: 8 << 20))
                    }
                }
            }
            loop.stop()
        }
    }
}
