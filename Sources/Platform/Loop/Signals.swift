import CLinux
import Glibc

/// A signal that the loop hears as an event.
package enum Signal: Int32, Sendable, CaseIterable {
    case hangUp = 1
    case interrupt = 2
    case quit = 3
    case userOne = 10
    case userTwo = 12
    case terminate = 15
    case childEnded = 17
    case windowChanged = 28

    /// The process was started to ignore it, as `nohup` asks for `hangUp`.
    package var isIgnored: Bool { weir_is_ignored(rawValue) == 1 }
}

package protocol SignalHandler: AnyObject {
    func received(_ signal: Signal)
}

/// Signals as events (signalfd). They are blocked in the loop's thread and those started after it.
final class SignalSource: Pollable {
    private let descriptor: FileDescriptor
    private let handler: any SignalHandler

    init(_ signals: [Signal], _ handler: any SignalHandler, poller: Poller) throws(Errno) {
        self.handler = handler
        let numbers = signals.map(\.rawValue)
        descriptor = try FileDescriptor(result: weir_signalfd(numbers, Int32(numbers.count)))
        try poller.add(descriptor.raw, self, for: Poller.Flags.readable)
    }

    func polled(_ events: UInt32) {
        // Bounded: a signal that is pending already is not queued again.
        while true {
            let number = weir_signalfd_read(descriptor.raw)
            guard number > 0 else { return }
            if let signal = Signal(rawValue: number) { handler.received(signal) }
        }
    }
}
