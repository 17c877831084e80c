import HTTPSClient

/// What the clients of a run do: payments of all kinds at all nodes, labels, and reads of both sorts.
///
/// Some go to any node, and on to the next; all of them are soon held up where writes are, by a node that is cut off. So each
/// node has two clients of its own besides, one that pays there and one that reads there what was acknowledged anywhere last:
/// a node that answers reads and should not is asked while others take payments.
///
/// Confined to the event loop of the world's HTTPS client.
final class Workload: @unchecked Sendable {
    static let clients = 6
    private static let registers = 6
    private static let users = 24
    private static let remembered = 4_000
    private static let pauseMilliseconds = 15...70

    private let world: World
    private let recorder: HistoryRecorder
    private let seed: UInt64
    private var random: SeededRandom
    private var registers: [String] = []
    /// Payments that were sent, whatever became of them; the newest.
    private var sent: [ClientOperation] = []
    /// The payment that was acknowledged last.
    private var newest: String?
    private var isRunning = true
    private var nextSource = 0

    init(world: World, recorder: HistoryRecorder, seed: UInt64) {
        self.world = world
        self.recorder = recorder
        self.seed = seed
        random = SeededRandom(seed: seed)
    }

    /// Users have names of their run, so that nothing else is in their profiles.
    static func users(_ seed: UInt64) -> [String] { (0..<users).map { "chaos-\(seed)-\($0)" } }

    /// Makes the payments whose labels are the registers; before the first fault.
    func prepare() async throws {
        let client = makeClient(0)
        defer { client.close() }
        for _ in 0..<Self.registers {
            let id = ClientTransactionID.make(using: &random)
            var operation = ClientOperation.pay(payment(id: id), number: recorder.nextOperation())
            // A label needs it in the ledger.
            operation.waits = true
            guard await client.perform(operation, persistent: true).outcome == .ok else {
                throw ChaosError.late("the registers could not be made; no node takes payments")
            }
            registers.append(id)
        }
    }

    /// Until `stop`; then calls under way come to their end.
    func run() async {
        // Each client with draws of its own: what one meets does not move another's.
        let clients = (1...Self.clients).map { makeClient($0) }
        var residents: [(client: ChaosClient, node: Int, isPaying: Bool)] = []
        for node in world.nodes {
            for isPaying in [true, false] {
                residents.append((makeClient(Self.clients + residents.count + 1), node, isPaying))
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for client in clients {
                let own = random.fork()
                nonisolated(unsafe) let client = client
                group.addTask(executorPreference: world.client.loopExecutor) { await self.run(client, own) }
            }
            for (client, node, isPaying) in residents {
                let own = random.fork()
                nonisolated(unsafe) let client = client
                group.addTask(executorPreference: world.client.loopExecutor) {
                    await self.reside(client, at: node, isPaying: isPaying, own)
                }
            }
        }
        for client in clients + residents.map(\.client) { client.close() }
    }

    func stop() { isRunning = false }

    private func run(_ client: ChaosClient, _ random: SeededRandom) async {
        var random = random
        while isRunning, !recorder.isFull {
            let operation = next(using: &random)
            await client.perform(operation, persistent: !random.oneIn(3))
            try? await Task.sleep(for: .milliseconds(Int.random(in: Self.pauseMilliseconds, using: &random)))
        }
    }

    private func reside(_ client: ChaosClient, at node: Int, isPaying: Bool, _ random: SeededRandom) async {
        var random = random
        while isRunning, !recorder.isFull {
            if isPaying {
                let operation = pay(recorder.nextOperation(), using: &random)
                let outcome = await client.attempt(operation, at: node).outcome
                if outcome == .ok, !operation.goesThroughBrokers { newest = operation.transactions.first }
            } else {
                let number = recorder.nextOperation()
                await client.attempt(.read(newest ?? registers[0], local: false, number: number), at: node)
            }
            try? await Task.sleep(for: .milliseconds(Int.random(in: Self.pauseMilliseconds, using: &random)))
        }
    }

    private func makeClient(_ number: Int) -> ChaosClient {
        ChaosClient(number, world: world, token: world.operatorToken, recorder: recorder, random: random.fork())
    }

    private func next(using random: inout SeededRandom) -> ClientOperation {
        let number = recorder.nextOperation()
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: return remember(pay(number, using: &random))
        case 30..<42:
            let operation = ClientOperation.pay(
                payment(id: nil), number: number, key: "chaos-\(seed)-\(number)")
            return remember(operation)
        case 42..<50:
            let payments = (0..<Int.random(in: 2...8, using: &random)).map { _ in
                payment(id: ClientTransactionID.make(using: &random))
            }
            return remember(.batch(payments, number: number))
        case 50..<58:
            // The same again, at whichever node: it may have its effect once.
            return sent.randomElement(using: &random) ?? pay(number, using: &random)
        case 58..<60:
            let payment = Payment(
                id: ClientTransactionID.make(using: &random), user: user(), fault: true, using: &random)
            return .pay(payment, number: number, invalid: true)
        case 60..<68:
            nextSource += 1
            return .label(
                registers.randomElement(using: &random)!, verdict: random.oneIn(2) ? "fraud" : "legitimate",
                source: "s\(nextSource)", number: number)
        case 68..<84: return .read(registers.randomElement(using: &random)!, local: random.oneIn(4), number: number)
        default:
            let id = sent.suffix(200).randomElement(using: &random)?.transactions.first
            return .read(id ?? registers[0], local: random.oneIn(4), number: number)
        }
    }

    private func pay(_ number: Int, using random: inout SeededRandom) -> ClientOperation {
        var operation = ClientOperation.pay(payment(id: ClientTransactionID.make(using: &random)), number: number)
        operation.waits = random.oneIn(3)
        return operation
    }

    private func remember(_ operation: ClientOperation) -> ClientOperation {
        sent.append(operation)
        if sent.count > Self.remembered { sent.removeFirst(Self.remembered / 2) }
        return operation
    }

    private func payment(id: String?) -> Payment { Payment(id: id, user: user(), using: &random) }

    private func user() -> String { "chaos-\(seed)-\(Int.random(in: 0..<Self.users, using: &random))" }
}
