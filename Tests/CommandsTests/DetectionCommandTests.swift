import ArgumentParser
import Commands
import Foundation
import Gateway
import Testing

@Suite("Commands of the detection engine say what they were told to say")
struct DetectionCommandTests {
    // MARK: Labels

    @Test("label becomes a POST to the transaction")
    func label() throws {
        let command = try parse(LabelCommand.self, "label txn_1 fraud --source chargeback --at 2026-11-22T13:45:00Z")
        let request = try AdministrationRequest.label(
            try #require(command.transaction), try #require(command.label).rawValue, source: command.source,
            at: command.at)
        #expect(request.path == "/transactions/txn_1/label")
        #expect(
            request.body == #"{"label":"fraud","labelled_at":"2026-11-22T13:45:00Z","source":"chargeback"}"#)
        #expect(
            try AdministrationRequest.label("a/b", "legitimate", source: nil, at: nil).path.hasSuffix("a%2Fb/label"))
    }

    @Test(
        "What label lacks or cannot be is told",
        arguments: [
            ("label", "--file"), ("label txn_1", "fraud or legitimate"), ("label txn_1 maybe", "legitimate"),
            ("label txn_1 fraud --file x", "--file"), ("label --file x --source y", "--file"),
        ])
    func labelFaults(line: String, word: String) {
        #expect(fault(line)?.contains(word) == true)
    }

    @Test("A file of labels is cut at line ends, and its lines keep their numbers")
    func labelFile() {
        let lines = (1...LabelFile.linesPerRequest + 2).map { "{\"n\":\($0)}" }
        let requests = LabelFile.requests(Array(lines.joined(separator: "\n").utf8))
        #expect(requests.map(\.linesBefore) == [0, LabelFile.linesPerRequest])
        #expect(requests.flatMap(\.lines) == Array(lines.joined(separator: "\n").utf8))
        #expect(LabelFile.requests([]).isEmpty)
        #expect(LabelFile.requests(Array("\n \n".utf8)).isEmpty)

        var total = LabelResults(
            [LabelResult(line: 1, transactionID: "a", status: .accepted)], logIndex: 7)
        total.append(
            LabelResults([LabelResult(line: 2, transactionID: nil, status: .invalid)], logIndex: nil), linesBefore: 10)
        #expect(total.results.map(\.line) == [1, 12])
        #expect(total.accepted == 1)
        #expect(total.refused == 1)
        #expect(total.logIndex == 7)
    }

    // MARK: Rules

    @Test("rules put carries YAML, comment and the version that is expected")
    func putRules() throws {
        let command = try parse(RulesPutCommand.self, "rules put rules.yaml --comment limits --expecting 3 --json")
        #expect(command.administration.json)
        let request = AdministrationRequest.putRules("a: 1", comment: "a & b", expecting: command.expecting)
        #expect(request.method == "PUT")
        #expect(request.path == "/rules?comment=a%20%26%20b")
        #expect(request.body == "a: 1")
        #expect(request.contentType == "application/yaml")
        #expect(request.fields == ["if-match": "\"3\""])
        #expect(AdministrationRequest.putRules("", comment: nil, expecting: nil).fields.isEmpty)
    }

    @Test("rules rollback names a version only if it is told one")
    func rollBackRules() throws {
        #expect(try parse(RulesRollbackCommand.self, "rules rollback --to 2").to == 2)
        #expect(try AdministrationRequest.rollBackRules(to: 2).body == #"{"version":2}"#)
        #expect(try AdministrationRequest.rollBackRules(to: nil).body == "{}")
    }

    @Test("rules backtest takes a file, a version, or neither")
    func backtest() throws {
        let command = try parse(RulesBacktestCommand.self, "rules backtest --version as-they-were --node 2")
        #expect(command.node == 2)
        let request = AdministrationRequest.backtest(
            yaml: nil, version: command.version, from: "2026-11-01T00:00:00+01:00", to: nil)
        #expect(request.path == "/rules/backtest?version=as-they-were&from=2026-11-01T00%3A00%3A00%2B01%3A00")
        #expect(request.body == nil)
        #expect(fault("rules backtest x.yaml --version 3")?.contains("not both") == true)
        #expect(fault("rules backtest --cancel bt-1")?.contains("--node") == true)
        #expect(fault("rules backtest --timeout 0")?.contains("--timeout") == true)
    }

    // MARK: Lists

    @Test("lists become requests with escaped names")
    func lists() throws {
        let command = try parse(ListsPutCommand.self, "lists put blocked --kind device d-17 d-18")
        #expect(command.values.values == ["d-17", "d-18"])
        let put = try AdministrationRequest.putList("blocked", kind: "device", description: "", entries: ["d"])
        #expect(put.path == "/lists/blocked")
        #expect(put.body == #"{"description":"","entries":["d"],"kind":"device"}"#)
        let removal = try AdministrationRequest.changeList("a b", entries: ["x"], isRemoval: true)
        #expect(removal.method == "DELETE")
        #expect(removal.path == "/lists/a%20b/entries")
        #expect(try parse(ListsShowCommand.self, "lists --json").administration.json)
        #expect(fault("lists get x --limit 0")?.contains("--limit") == true)
    }

    // MARK: Models

    @Test("model commands become the requests of their names")
    func models() throws {
        let push = try parse(ModelPushCommand.self, "model push default.model --activate")
        #expect(push.activate)
        #expect(AdministrationRequest.pushModel([0, 255]).bytes == [0, 255])
        #expect(AdministrationRequest.pushModel([]).contentType == "application/octet-stream")
        #expect(AdministrationRequest.activateModel("ab").path == "/models/ab/activate")
        #expect(AdministrationRequest.shadowModel("ab").path == "/models/ab/shadow")
        #expect(AdministrationRequest.shadowModel(nil).method == "DELETE")
        #expect(AdministrationRequest.compareModels(nil, nil).path == "/models/compare")
        #expect(AdministrationRequest.compareModels("a", "b").path == "/models/compare?a=a&b=b")
        #expect(try parse(ModelActivateCommand.self, "model activate 0011").model.id == "0011")
        #expect(fault("model push x --activate --shadow")?.contains("not both") == true)
        #expect(fault("model shadow")?.contains("--off") == true)
        #expect(fault("model shadow 0011 --off")?.contains("--off") == true)
    }
}
