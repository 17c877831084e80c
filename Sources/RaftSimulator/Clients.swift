internal import Raft

/// One attempt of a client's request at one node.
struct ClientCall {
    var client: Int
    /// Counts the client's attempts: an answer to an earlier one still counts, if the request is the same.
    var request: RequestID
    var key: UInt8
    var operation: Operation
    var padding: Int
}

enum Reply {
    case done(Outcome)
    /// Not taken, and it never will be under this attempt.
    case refused(leader: NodeID?)
}

/// A client: one request at a time, repeated under the same name at one node after the other until it is answered or
/// given up.
struct Client {
    /// What is under way.
    struct Current {
        var call: ClientCall
        var invoked: Microseconds
        var attempts: Int
        /// Where the call stands in the history.
        var place: Int
    }

    var session: UInt32
    var nextNumber: UInt32 = 1
    var node: Int
    var waiting: [PlannedOperation] = []
    var nextWaiting = 0
    var current: Current?
    /// Rises with every attempt, so that an old timer rings for nobody.
    var attempt = 0
    /// What the client saw last in each register, for its compare-and-sets.
    var seen: [UInt64]
}

extension World {
    static let attemptsPerRequest = 12

    func makeClients() {
        for index in 0..<plan.shape.clients {
            clients.append(
                Client(
                    session: nextSession(), node: index % nodes.count,
                    seen: Array(repeating: 0, count: plan.shape.keys)))
        }
        for operation in plan.operations { clients[operation.client].waiting.append(operation) }
        for index in clients.indices { wake(client: index) }
    }

    private func nextSession() -> UInt32 {
        sessions += 1
        return sessions - 1
    }

    private func wake(client index: Int) {
        let client = clients[index]
        guard client.nextWaiting < client.waiting.count else { return }
        add(.clientWakes(index), at: max(now + 1, client.waiting[client.nextWaiting].time))
    }

    /// The client begins its next request.
    func begin(client index: Int) {
        guard clients[index].current == nil, clients[index].nextWaiting < clients[index].waiting.count else { return }
        let planned = clients[index].waiting[clients[index].nextWaiting]
        clients[index].nextWaiting += 1
        lastValue += 1
        let operation: Operation =
            switch planned.kind {
            case .put: .put(lastValue)
            case .compareAndSet:
                .compareAndSet(expected: clients[index].seen[Int(planned.key)], new: lastValue)
            case .read: .read
            }
        let call = ClientCall(
            client: index, request: RequestID(client: clients[index].session, number: clients[index].nextNumber),
            key: planned.key, operation: operation, padding: planned.padding)
        clients[index].nextNumber += 1
        history.append(
            HistoryEntry(
                client: clients[index].session, key: planned.key, operation: operation, invoked: now, returned: nil,
                outcome: nil))
        clients[index].current = Client.Current(call: call, invoked: now, attempts: 0, place: history.count - 1)
        if isTracing { note("c\(index) asks \(history[history.count - 1])") }
        attempt(client: index)
    }

    /// Sends the request once more, to the node that the client believes in.
    private func attempt(client index: Int) {
        guard let current = clients[index].current else { return }
        if current.attempts >= Self.attemptsPerRequest, isHostile { return giveUp(client: index) }
        if current.attempts > 0 { saw(.requestRetried) }
        clients[index].current!.attempts += 1
        clients[index].attempt += 1
        add(.request(clients[index].node, current.call), after: clientRandom.within(100...2_000))
        let patience = plan.shape.electionTimeout + clientRandom.below(2 * plan.shape.electionTimeout)
        add(.clientTimesOut(index, attempt: clients[index].attempt), after: patience)
    }

    func timedOut(client index: Int, attempt: Int) {
        guard clients[index].current != nil, clients[index].attempt == attempt else { return }
        clients[index].node = anyNode()
        self.attempt(client: index)
    }

    private func anyNode() -> Int {
        isHostile ? clientRandom.below(nodes.count) : core[clientRandom.below(core.count)]
    }

    /// The client will never know. It goes on under another name, for its old one may still be at work.
    private func giveUp(client index: Int) {
        saw(.outcomeUnknown)
        note("c\(index) gives up")
        clients[index].current = nil
        clients[index].session = nextSession()
        clients[index].nextNumber = 1
        clients[index].node = anyNode()
        wake(client: index)
    }

    func reply(_ reply: Reply, to call: ClientCall, from node: Node) {
        add(.reply(reply, call), after: clientRandom.within(100...2_000))
    }

    func replied(_ reply: Reply, to call: ClientCall) {
        let index = call.client
        guard let current = clients[index].current, current.call.request == call.request else { return }
        switch reply {
        case .refused(let leader):
            clients[index].attempt += 1
            // A moment's patience, or the client would ask thousands of times while there is no leader.
            let pause = clientRandom.within(1_000...(plan.shape.electionTimeout / 2))
            clients[index].node = leader.map(\.position) ?? anyNode()
            if clientRandom.chance(percent: 20) { clients[index].node = anyNode() }
            add(.clientTriesAgain(index, attempt: clients[index].attempt), after: pause)
        case .done(let outcome):
            history[current.place].returned = now
            history[current.place].outcome = outcome
            if isTracing { note("c\(index) hears \(history[current.place])") }
            switch (call.operation, outcome) {
            case (.put(let value), _), (.compareAndSet(_, let value), .swapped(true)), (.read, .value(let value)):
                clients[index].seen[Int(call.key)] = value
            default: break
            }
            clients[index].current = nil
            wake(client: index)
        }
    }

    func triesAgain(client index: Int, attempt: Int) {
        guard clients[index].current != nil, clients[index].attempt == attempt else { return }
        self.attempt(client: index)
    }
}
