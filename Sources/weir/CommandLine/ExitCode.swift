/// How a run ended, for scripts: a promise that is kept between versions.
enum ExitCode: Int32, Sendable, CaseIterable {
    case done = 0
    case failed = 1
    case usage = 2
    case inconclusive = 3
    case unreachable = 4
    case damaged = 5
    case unwritable = 6
    case defect = 70
    case interrupted = 130
    case terminated = 143

    /// For `weir help exit-codes`.
    var meaning: String {
        switch self {
        case .done: "done; for test: the expectations hold and the chaos was applied"
        case .failed: "the consumer's behaviour failed an expectation, or a comparison differs"
        case .usage: "a mistake in the arguments, a plan or a configuration"
        case .inconclusive: "nothing was verified, or the planned chaos was not applied"
        case .unreachable: "the consumer or an address could not be reached, or a port not bound"
        case .damaged: "a recording or capture is damaged or has holes; what is readable was kept"
        case .unwritable: "an output could not be written: the disk is full, a folder is gone"
        case .defect: "a defect in Weir itself"
        case .interrupted: "interrupted (Ctrl-C), after a graceful end"
        case .terminated: "terminated (SIGTERM), or its terminal closed, after a graceful end"
        }
    }
}
