import Raft

/// A small cluster that does just what a script says, and tells all that happens.
///
/// A script's lines are comments (`#`), commands (`>`) and, after each command, what came of it. The commands:
///
///     cluster 3 [spare 2]             fresh nodes n1, n2, n3 [and n4, n5, which are told of no members]
///     restart 1 log 1 1 4 term 5 commit 1
///                                     n1 starts (again) from this disk: a log of three entries, by their terms
///     restart 1                       n1 starts again from what its disk holds
///     crash 1                         n1 stops, and loses what is not durable
///     reborn 1                        n1 starts with an empty disk, as another life of its number
///     tick 1 5                        five ticks at n1
///     timeout 1                       n1 ticks until it does something
///     persist 1 [#4]                  n1's disk does all that was asked of it [up to a ticket]
///     late 1 #2                       n1 is told once more that a ticket is durable
///     deliver [1>2]                   what is under way [on one line] arrives, and what comes of that, until all is still
///     arrive 1>2 [3]                  only the oldest message of the line arrives [or the third]
///     again 1>2                       a copy of the line's oldest message arrives, the message itself stays
///     drop [1>2]                      what is under way is lost
///     settle                          disks and lines do all they can, until all is still
///     partition 1 / heal              n1 is cut off / nobody is
///     cut 1 3                         nothing goes between n1 and n3
///     propose 1 3 [term 2]            three entries are proposed at n1 [under a term]
///     read 1 7                        a read with the tag 7 at n1
///     lost 2 1                        n2's kernel says that the connection to n1 is gone
///     compact 1 5                     n1's driver drops its log through 5
///     change 1 voters 1 2 learners 4  another membership is asked of n1
///     transfer 1 [to 2]               n1 is asked to hand leadership over
///     disk 1 full                     n1's disk is `full`, `stalled` or `healthy`
///     maintain 1 on                   n1 is under maintenance (`on`), and may not lead, or not any more (`off`)
///     snapshot 1 [5]                  n1's driver offers a snapshot of what is committed [of what was through 5]
///     nosnapshot 1                    n1's driver says that it can't
///     store 2                         n2's driver writes the chunks it was given
///     install 2 / fail 2              n2's driver has put the snapshot in its state machine's place / could not
///     discard 2                       what n2 has on disk of a snapshot is gone
///     show                            every node, and the leader's view of the others
///     members                         the membership that each node knows
///
/// `quietly` before a command keeps its consequences out of the story. A node's number stands for its present life.
struct Scenario {
    var nodes: [ScenarioNode] = []
    var wire: [Message] = []
    var cutOff: Set<UInt64> = []
    var cuts: Set<Set<UInt64>> = []
    var lastSnapshot: UInt64 = 0
    var isQuiet = false
    private var transcript: [String] = []

    /// The script as it would have to be: its comments and commands, and what really came of them.
    static func replay(_ script: String) -> String {
        var scenario = Scenario()
        for line in script.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("#") || line.isEmpty {
                scenario.transcript.append(line)
            } else if line.hasPrefix("> ") {
                scenario.transcript.append(line)
                scenario.run(line.dropFirst(2).split(separator: " ").map(String.init))
            }
        }
        return scenario.transcript.joined(separator: "\n")
    }

    mutating func tell(_ line: String) {
        if !isQuiet { transcript.append("    " + line) }
    }

    // MARK: Steps and messages

    @discardableResult
    mutating func step(_ node: Int, _ event: Event) -> Int {
        guard nodes[node].raft != nil else { return 0 }
        var effects: [Effect] = []
        nodes[node].raft!.step(event, into: &effects)
        for effect in effects { perform(effect, of: node) }
        return effects.count
    }

    private mutating func perform(_ effect: Effect, of node: Int) {
        switch effect {
        case .persist(let ticket, let hardState, let entries):
            nodes[node].writes.append(.init(ticket: ticket, hardState: hardState, entries: entries))
        case .resetLog(let ticket, let hardState, let index, let term):
            let membership = nodes[node].raft!.membership
            nodes[node].writes.append(
                .init(ticket: ticket, hardState: hardState, reset: (index, term), membership: membership))
        case .send(let message, let after):
            let waits = after > nodes[node].durable
            tell(ScenarioText.describe(message) + (waits ? " (after \(after))" : ""))
            if waits { nodes[node].outbox.append((message, after)) } else { send(message) }
            return
        case .storeChunk(let snapshot, let offset, let byteCount):
            nodes[node].chunks.append(.init(snapshot: snapshot, offset: offset, byteCount: byteCount))
        case .installSnapshot(let snapshot):
            nodes[node].installing = snapshot
        default: break
        }
        tell("\(nodes[node].id): \(ScenarioText.describe(effect))")
    }

    mutating func send(_ message: Message) {
        if isWhole(message) { wire.append(message) }
    }

    mutating func arrive(_ message: Message) {
        let node = Int(message.to.number) - 1
        if isWhole(message), nodes[node].id == message.to { step(node, .receive(message)) }
    }

    private func isWhole(_ message: Message) -> Bool {
        !cutOff.contains(message.from.number) && !cutOff.contains(message.to.number)
            && !cuts.contains([message.from.number, message.to.number])
    }

    mutating func persist(_ node: Int, through last: PersistTicket?) {
        var done: PersistTicket?
        while let write = nodes[node].writes.first, last == nil || write.ticket <= last! {
            nodes[node].writes.removeFirst()
            nodes[node].perform(write)
            done = write.ticket
        }
        guard let done else { return }
        nodes[node].durable = done
        for (message, after) in nodes[node].outbox where after <= done { send(message) }
        nodes[node].outbox.removeAll { $0.after <= done }
        step(node, .persisted(done))
    }

    mutating func store(_ node: Int) {
        while !nodes[node].chunks.isEmpty {
            let chunk = nodes[node].chunks.removeFirst()
            step(node, .chunkStored(id: chunk.snapshot.id, through: nodes[node].store(chunk)))
        }
    }

    mutating func install(_ node: Int) {
        guard let snapshot = nodes[node].installing else { return tell("nothing is to be installed") }
        nodes[node].installing = nil
        nodes[node].file = nil
        step(node, .snapshotInstalled(id: snapshot.id))
    }

    mutating func settle() {
        while true {
            let running = nodes.indices.filter { nodes[$0].raft != nil }
            if !wire.isEmpty {
                arrive(wire.removeFirst())
            } else if let node = running.first(where: { !nodes[$0].writes.isEmpty }) {
                persist(node, through: nil)
            } else if let node = running.first(where: { !nodes[$0].chunks.isEmpty }) {
                store(node)
            } else if let node = running.first(where: { nodes[$0].installing != nil }) {
                install(node)
            } else {
                return
            }
        }
    }
}
