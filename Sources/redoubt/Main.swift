import ArgumentParser
// Importing it links it, and then it serves every allocation: requests are many small ones that threads hand to each
// other, which costs a node 5 to 8 % less processor time so than with the C library's allocator.
import CJemalloc
import Commands

@main
enum Main {
    static func main() async {
        returnMemoryInBackground()
        await Redoubt.main()
    }

    /// Freed memory goes back to the system some seconds later. Left to itself the allocator does so on whatever thread
    /// happens to allocate then, and after a checkpoint, which frees hundreds of megabytes, payments would wait for that.
    private static func returnMemoryInBackground() {
        var isOn = true
        let status = mallctl("background_thread", nil, nil, &isOn, MemoryLayout<Bool>.size)
        precondition(status == 0, "the allocator has no background thread: status \(status)")
    }
}
