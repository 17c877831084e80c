package import ArgumentParser
package import Gateway

/// Where a new member is reached.
package struct MemberAddressOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("Where the other nodes reach the new one.", valueName: "host:port"))
    package var peerAddress: String?

    @Option(
        name: .long, help: ArgumentHelp("Where clients reach the new node.", valueName: "https://host:port"))
    package var gatewayUrl: String?

    package init() {}
}

/// How long a change of the members is waited for.
package struct MembershipWaitOptions: ParsableArguments {
    @Flag(name: .long, help: "Return as soon as the change is committed, not when it is finished.")
    package var noWait = false

    @Option(name: .long, help: ArgumentHelp("How long to wait.", valueName: "seconds"))
    package var timeout = 600

    package init() {}

    package func validate() throws {
        guard (1...86_400).contains(timeout) else {
            throw ValidationError("--timeout must lie between 1 and 86400 seconds.")
        }
    }
}

/// A member's number, checked.
func memberNumber(_ number: UInt64) throws -> UInt64 {
    guard (1...65_535).contains(number) else {
        throw ValidationError("\(number) is no member's number. Numbers go from 1 to 65535.")
    }
    return number
}

/// `redoubt cluster add`: a node more.
package struct ClusterAddCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Admit a node to the cluster.",
        discussion: """
            The node is admitted as a learner: it gets all that it lacks and does not vote. Once it has caught up it \
            votes. Start it before or while this runs, with `cluster: { join: true }` in its configuration.

              redoubt cluster add 4 --peer-address 10.0.0.4:7104 --gateway-url https://10.0.0.4:8444

            Exit code: 0 when it votes (with --learner: when it is admitted), 1 when it was refused and nothing was \
            changed, 2 when it is not finished in time or the outcome is not known.
            """)

    @OptionGroup package var administration: AdministrationOptions
    @OptionGroup package var addresses: MemberAddressOptions
    @OptionGroup package var waiting: MembershipWaitOptions

    @Argument(help: ArgumentHelp("The new node's number, as its certificate names it.", valueName: "number"))
    package var number: UInt64

    @Flag(name: .long, help: "It stays a learner: it holds everything and does not vote.")
    package var learner = false

    package init() {}

    package func validate() throws {
        _ = try member()
    }

    package func member() throws -> MemberAddition {
        guard let peerAddress = addresses.peerAddress else {
            throw ValidationError("Say where the other nodes reach it: --peer-address host:port.")
        }
        guard let url = addresses.gatewayUrl else {
            throw ValidationError("Say where clients reach it: --gateway-url https://host:port.")
        }
        return MemberAddition(
            number: try memberNumber(number), peerAddress: peerAddress, url: url, promote: !learner)
    }

    package func run() async throws {
        let change = MembershipChange(
            verb: "added", goal: MembershipGoal(number: number, state: learner ? .learner : .voter),
            request: try .add(try member()), waiting: waiting)
        try await change.run(administration)
    }
}

/// `redoubt cluster remove`: a node less.
package struct ClusterRemoveCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take a member out of the cluster.",
        discussion: """
            The node may run or not; if it leads, it hands over first. It can come back only with an empty disk. \
            Exit codes as those of add.
            """)

    @OptionGroup package var administration: AdministrationOptions
    @OptionGroup package var waiting: MembershipWaitOptions

    @Argument(help: ArgumentHelp("The member's number.", valueName: "number"))
    package var number: UInt64

    package init() {}

    package func validate() throws {
        _ = try memberNumber(number)
    }

    package func run() async throws {
        let change = MembershipChange(
            verb: "removed", goal: MembershipGoal(number: number, state: .absent), request: .remove(number),
            waiting: waiting, isDisturbing: true)
        try await change.run(administration)
    }
}

/// `redoubt cluster replace`: one node for another, in one change.
package struct ClusterReplaceCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "replace",
        abstract: "Put a new node in a member's place.",
        discussion: """
            For a member whose disk or machine is lost. Without --by the new node has the number of the old one and \
            an empty disk; its addresses stay unless others are given. With --by it has another number. It is \
            admitted, catches up, and then takes the old one's vote in one change. How long the cluster stood still \
            meanwhile is measured from here. Exit codes as those of add.
            """)

    @OptionGroup package var administration: AdministrationOptions
    @OptionGroup package var addresses: MemberAddressOptions
    @OptionGroup package var waiting: MembershipWaitOptions

    @Argument(help: ArgumentHelp("The number of the member that is lost.", valueName: "number"))
    package var number: UInt64

    @Option(name: .long, help: ArgumentHelp("The new node's number, if it is another.", valueName: "number"))
    package var by: UInt64?

    package init() {}

    package func validate() throws {
        _ = try memberNumber(number)
        guard let by else { return }
        _ = try memberNumber(by)
        guard by == number || (addresses.peerAddress != nil && addresses.gatewayUrl != nil) else {
            throw ValidationError(
                "Say where node \(by) is reached: --peer-address host:port --gateway-url https://host:port.")
        }
    }

    /// - Parameter known: the member as the cluster knows it.
    package func member(known: NodeReport.Member?) throws -> MemberAddition {
        guard let peerAddress = addresses.peerAddress ?? known?.address, let url = addresses.gatewayUrl ?? known?.url
        else {
            throw ValidationError(
                "The cluster does not know where node \(number) is reached: pass --peer-address host:port and "
                    + "--gateway-url https://host:port.")
        }
        return MemberAddition(number: by ?? number, peerAddress: peerAddress, url: url)
    }

    package func run() async throws {
        let client = try AdministrationClient(administration.cluster)
        let known = await client.observer.observe().reports.latest?.members.first {
            $0.id == number && $0.role != "learner"
        }
        let change = MembershipChange(
            verb: "replaced", goal: MembershipGoal(number: by ?? number, state: .voter),
            request: try .replace(number, by: try member(known: known)), waiting: waiting, isDisturbing: true,
            acceptsMember: by == nil || by == number, formerLife: known?.life)
        try await change.run(administration)
    }
}
