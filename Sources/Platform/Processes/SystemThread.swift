import CLinux

/// A thread of the kernel's, for what would make the loop wait.
enum SystemThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a new thread, in which all signals are blocked: the loop hears them.
    static func start(_ body: @escaping @Sendable () -> Void) throws(Errno) {
        let context = Unmanaged.passRetained(Body(body))
        let result = weir_start_thread(
            { Unmanaged<Body>.fromOpaque($0).takeRetainedValue().run() }, context.toOpaque())
        if result < 0 { context.release() }
        try Errno.check(result)
    }
}
