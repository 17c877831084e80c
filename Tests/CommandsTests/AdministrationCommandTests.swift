import ArgumentParser
import Commands
import Gateway
import Testing

@Suite("Commands that change the cluster say what they were told to say")
struct AdministrationCommandTests {
    private static let addresses = "--peer-address 10.0.0.4:7104 --gateway-url https://n4:8444"

    @Test("add becomes a POST with the new member")
    func add() throws {
        let command = try parse(ClusterAddCommand.self, "cluster add 4 \(Self.addresses) --json")
        #expect(command.administration.json)
        #expect(!command.waiting.noWait)
        let request = try AdministrationRequest.add(try command.member())
        #expect(request.method == "POST")
        #expect(request.path == "/cluster/members")
        #expect(
            request.body
                == #"{"number":4,"peer_address":"10.0.0.4:7104","promote":true,"url":"https://n4:8444"}"#)
    }

    @Test("add --learner does not ask for a vote, and --no-wait and --timeout are heard")
    func addLearner() throws {
        let command = try parse(
            ClusterAddCommand.self, "cluster add 4 \(Self.addresses) --learner --no-wait --timeout 5")
        #expect(try command.member().promote == false)
        #expect(command.waiting.noWait)
        #expect(command.waiting.timeout == 5)
    }

    @Test(
        "What add lacks or cannot be is told with the option to give",
        arguments: [
            ("cluster add 4 --gateway-url https://h", "--peer-address"),
            ("cluster add 4 --peer-address h:1", "--gateway-url"),
            ("cluster add \(addresses)", "<number>"), ("cluster add 0 \(addresses)", "1 to 65535"),
            ("cluster add 65536 \(addresses)", "1 to 65535"), ("cluster add four \(addresses)", "four"),
            ("cluster add 4 \(addresses) --timeout 0", "--timeout"),
        ])
    func addFaults(line: String, word: String) {
        #expect(fault(line)?.contains(word) == true)
    }

    @Test("remove becomes a DELETE")
    func remove() throws {
        let command = try parse(ClusterRemoveCommand.self, "cluster remove 3")
        let request = AdministrationRequest.remove(command.number)
        #expect(request.method == "DELETE")
        #expect(request.path == "/cluster/members/3")
        #expect(request.body == nil)
        #expect(fault("cluster remove 0")?.contains("1 to 65535") == true)
        #expect(fault("cluster remove")?.contains("<number>") == true)
    }

    private static let known = NodeReport.Member.example(
        id: 3, role: "voter", address: "10.0.0.3:7103", url: "https://n3:8443")

    @Test("replace keeps number and addresses unless told otherwise")
    func replace() throws {
        let command = try parse(ClusterReplaceCommand.self, "cluster replace 3")
        let member = try command.member(known: Self.known)
        #expect(member == MemberAddition(number: 3, peerAddress: "10.0.0.3:7103", url: "https://n3:8443"))
        let request = try AdministrationRequest.replace(3, by: member)
        #expect(request.path == "/cluster/replace")
        #expect(
            request.body
                == #"{"by":{"number":3,"peer_address":"10.0.0.3:7103","promote":true,"url":"https://n3:8443"},"number":3}"#
        )
        let moved = try parse(ClusterReplaceCommand.self, "cluster replace 3 --peer-address new:7103")
        #expect(try moved.member(known: Self.known).peerAddress == "new:7103")
        #expect(try moved.member(known: Self.known).url == "https://n3:8443")
    }

    @Test("replace --by takes another number, and then wants its addresses")
    func replaceBy() throws {
        let command = try parse(ClusterReplaceCommand.self, "cluster replace 3 --by 4 \(Self.addresses)")
        #expect(
            try command.member(known: Self.known)
                == MemberAddition(number: 4, peerAddress: "10.0.0.4:7104", url: "https://n4:8444"))
        #expect(fault("cluster replace 3 --by 4")?.contains("--peer-address") == true)
        #expect(fault("cluster replace 3 --by 0 \(Self.addresses)")?.contains("1 to 65535") == true)
    }

    @Test("replace of a member that the cluster does not know wants its addresses")
    func replaceUnknown() throws {
        let command = try parse(ClusterReplaceCommand.self, "cluster replace 3")
        #expect(throws: ValidationError.self) { try command.member(known: nil) }
    }

    @Test("transfer names a member or leaves it to the leader")
    func transfer() throws {
        #expect(try parse(ClusterTransferCommand.self, "cluster transfer").to == nil)
        #expect(try parse(ClusterTransferCommand.self, "cluster transfer --to 2").to == 2)
        #expect(try AdministrationRequest.transfer(to: nil).body == "{}")
        #expect(try AdministrationRequest.transfer(to: 2).body == #"{"target":2}"#)
        #expect(fault("cluster transfer --to 0")?.contains("1 to 65535") == true)
    }

    @Test("snapshot may name a node")
    func snapshot() throws {
        #expect(try parse(ClusterSnapshotCommand.self, "cluster snapshot --node 2").node == 2)
        #expect(AdministrationRequest.snapshot.body == nil)
        #expect(fault("cluster snapshot --node 0")?.contains("1 to 65535") == true)
    }

    @Test("history has a limit")
    func history() throws {
        #expect(try parse(ClusterHistoryCommand.self, "cluster history").limit == 20)
        #expect(try parse(ClusterHistoryCommand.self, "cluster history --limit 1000").limit == 1000)
        #expect(AdministrationRequest.history(limit: 7).path == "/cluster/history?limit=7")
        #expect(fault("cluster history --limit 0")?.contains("--limit") == true)
        #expect(fault("cluster history --limit 1001")?.contains("--limit") == true)
    }

    @Test("maintenance takes a node, and on or off")
    func maintenance() throws {
        let command = try parse(ClusterMaintenanceCommand.self, "cluster maintenance 2 on")
        #expect(command.node == 2)
        #expect(command.state == .on)
        #expect(try AdministrationRequest.maintenance(true).body == #"{"enabled":true}"#)
        #expect(fault("cluster maintenance 2 maybe")?.contains("maybe") == true)
        #expect(fault("cluster maintenance 2")?.contains("<state>") == true)
    }

    @Test("verify is there under both names")
    func verify() throws {
        #expect(try parse(VerifyCommand.self, "cluster verify --timeout 5").timeout == 5)
        #expect(try parse(VerifyCommand.self, "verify --allow-missing").allowMissing)
    }

    @Test("recover wants its file, and is only a look unless told otherwise")
    func recover() throws {
        let command = try parse(RecoverCommand.self, "recover --config node.yaml")
        #expect(!command.acceptDataLoss)
        #expect(command.clusterId == nil)
        let earnest = try parse(
            RecoverCommand.self, "recover --config node.yaml --accept-data-loss --cluster-id local-1")
        #expect(earnest.acceptDataLoss)
        #expect(earnest.clusterId == "local-1")
        #expect(fault("recover")?.contains("--config") == true)
    }
}
