import Foundation
import Glibc
import Logging

/// Ends this life of the node: the process starts itself again, and then sets aside what it has and asks to be admitted.
enum NewLife {
    /// At once, so that nothing more is said in the old name.
    static func begin(because reason: String, in directory: DataDirectory, logger: Logger) -> Never {
        logger.critical("this life of the node is over", metadata: ["reason": "\(reason)"])
        do {
            try directory.giveUp(because: reason)
        } catch {
            logger.critical("the node can't go on", metadata: ["error": "\(error)"])
            _exit(FatalFault.exitStatus)
        }
        // Sockets that outlived the old program would keep the new one from its own ports.
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in descriptors.compactMap(Int32.init) where descriptor > STDERR_FILENO {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", &arguments)
        _exit(FatalFault.exitStatus)
    }
}
