/// The number of each kind of event in the file. A number is never used again for something else.
enum EventKind: UInt8, CaseIterable {
    case dialled = 1
    case opened = 2
    case refused = 3
    case chunk = 4
    case sent = 5
    case finished = 6
    case reset = 7
    case failed = 8
    case stalled = 9
    case resumed = 10
    case gap = 11
    case strike = 12
    case mark = 13
    case output = 14
    case exited = 15
    case command = 16

    init(_ fact: Event.Fact) {
        self =
            switch fact {
            case .dialled: .dialled
            case .opened: .opened
            case .refused: .refused
            case .chunk: .chunk
            case .sent: .sent
            case .finished: .finished
            case .reset: .reset
            case .failed: .failed
            case .stalled: .stalled
            case .resumed: .resumed
            case .gap: .gap
            case .strike: .strike
            case .mark: .mark
            case .output: .output
            case .exited: .exited
            case .command: .command
            }
    }
}
