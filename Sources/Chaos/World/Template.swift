import Foundation

/// What every world begins with: made once, copied for each run.
enum Template {
    static func make(_ settings: WorldSettings, _ wiring: any Wiring) async throws {
        let layout = WorldLayout(settings)
        try await Command.run(
            [settings.repository + "/chaos/prepare"] + WorldLayout.nodes.map { wiring.address(of: $0) },
            environment: [
                "REDOUBT_HOME": layout.template, "REDOUBT_BINARY": settings.binary, "REDOUBT_PORT_OFFSET": "0",
            ])
        for shim in Shim.allCases where settings.shims.contains(shim) { try await ShimLibrary.build(shim, settings) }
    }
}
