import ArgumentParser
import Chaos

/// `redoubt-chaos clean`.
struct CleanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean", abstract: "Removes what a run has left that was itself killed.",
        discussion: "The next run does so too.")

    @Flag(name: .long, help: "The keys and the empty database too that runs begin with.")
    var everything = false

    @OptionGroup var world: WorldOptions

    func run() async throws {
        try await Leftovers(try world.settings()).clean(templateToo: everything)
    }
}
