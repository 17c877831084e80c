import Foundation
import Glibc

/// One harness at a time works in a home: the kernel frees the lock of one that was killed.
enum HarnessLock {
    static func take(_ settings: WorldSettings) throws -> Int32 {
        try World.makeDirectory(settings.home, permissions: 0o711)
        let path = WorldLayout(settings).lockFile
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ChaosError.system("opening \(path)", code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ChaosError.missing(
                "Another run is at work in \(settings.home); wait for it, or give --world another number.")
        }
        return descriptor
    }

    static func release(_ descriptor: Int32) {
        close(descriptor)
    }
}
