import Pipeline
import ServiceLifecycle

/// Gives the pipeline its sense of time.
struct PipelineTicker: Service {
    let pipeline: Pipeline

    func run() async {
        await cancelWhenGracefulShutdown {
            var ticks = 0
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(20))
                pipeline.tick()
                ticks += 1
                if ticks.isMultiple(of: 50) { await pipeline.compact() }
            }
        }
    }
}
