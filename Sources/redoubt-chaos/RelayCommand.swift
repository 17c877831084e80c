import ArgumentParser
import Chaos

/// `redoubt-chaos relay`: what worlds with relays start beside their nodes.
struct RelayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay", abstract: "Passes connections on to one address, late, slowly or not for long.",
        discussion: "Scenarios start it; it follows the control file until it is ended.", shouldDisplay: false)

    @Option(name: .long, help: "An IPv4 address and a port.")
    var listen: RelayAddress

    @Option(name: .long, help: "An IPv4 address and a port.")
    var target: RelayAddress

    @Option(name: .long, help: "JSON, followed while the relay runs.")
    var control: String

    @Option(name: .long, help: "JSON, written while the relay runs.")
    var status: String

    func run() throws {
        try Relay(at: listen, to: target, files: RelayFiles(control: control, status: status)).run()
    }
}

extension RelayAddress: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
