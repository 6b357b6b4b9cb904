import CLinux

/// Wakes the loop from another thread.
package final class Doorbell: Sendable {
    private let descriptor: FileDescriptor

    init() throws(Errno) {
        descriptor = try FileDescriptor(result: weir_eventfd())
    }

    /// Has the handler called on the loop's thread, soon; once for several rings. From any thread.
    package func ring() {
        let result = weir_eventfd_ring(descriptor.raw)
        precondition(result >= 0, "an eventfd cannot be written: \(Errno(code: -result))")
    }

    fileprivate func clear() { _ = weir_eventfd_clear(descriptor.raw) }

    fileprivate var raw: Int32 { descriptor.raw }
}

package protocol DoorbellHandler: AnyObject {
    /// Somebody rang since the last time, once or more often.
    func doorbellRang(_ doorbell: Doorbell)
}

/// The loop's end of a doorbell.
final class DoorbellSource: Pollable {
    private let doorbell: Doorbell
    private let handler: any DoorbellHandler

    init(_ doorbell: Doorbell, _ handler: any DoorbellHandler, poller: Poller) throws(Errno) {
        self.doorbell = doorbell
        self.handler = handler
        try poller.add(doorbell.raw, self, for: Poller.Flags.readable)
    }

    func polled(_ events: UInt32) {
        doorbell.clear()
        handler.doorbellRang(doorbell)
    }
}

extension Poller {
    /// Stops listening for a doorbell.
    func remove(_ doorbell: Doorbell) { remove(doorbell.raw) }
}
