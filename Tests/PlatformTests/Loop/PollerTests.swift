import Glibc
import Testing

@testable import Platform

@Suite struct PollerTests {
    private let poller: Poller

    init() throws { poller = try Poller() }

    @Test func `readiness of a descriptor that was closed and given out again is not believed`()
        throws
    {
        let first = try RungBell()
        let old = Source()
        try poller.add(first.raw, old, for: Poller.Flags.readable)
        #expect(poller.wait(nanoseconds: 0) == 1)
        // Before the event is told: the descriptor is closed and opened again, as another.
        poller.remove(first.raw)
        let second = try RungBell()
        #expect(dup2(second.raw, first.raw) == first.raw)
        let new = Source()
        try poller.add(first.raw, new, for: Poller.Flags.readable)
        poller.tell(0)
        #expect(old.events == [] && new.events == [])
        #expect(poller.wait(nanoseconds: 0) == 1)
        poller.tell(0)
        #expect(old.events == [] && new.events == [Poller.Flags.readable])
        withExtendedLifetime(first) {}
    }

    @Test func `an edge is told once`() throws {
        let bell = try RungBell()
        let source = Source()
        try poller.add(bell.raw, source, for: Poller.Flags.readable)
        #expect(poller.wait(nanoseconds: 0) == 1)
        #expect(poller.wait(nanoseconds: 0) == 0)
        bell.ring()
        #expect(poller.wait(nanoseconds: 0) == 1)
    }

    @Test func `a source is kept alive until it is removed`() throws {
        let bell = try RungBell()
        var source: Source? = Source()
        weak let kept = source
        try poller.add(bell.raw, try #require(source), for: Poller.Flags.readable)
        source = nil
        #expect(kept != nil)
        poller.remove(bell.raw)
        #expect(kept == nil)
    }

    @Test func `a source that goes may take others with it`() throws {
        let bells = [try RungBell(), try RungBell()]
        let inner = Source()
        try poller.add(bells[0].raw, inner, for: Poller.Flags.readable)
        var outer: Source? = Source()
        outer?.atEnd = { [poller] in poller.remove(bells[0].raw) }
        try poller.add(bells[1].raw, try #require(outer), for: Poller.Flags.readable)
        outer = nil
        poller.remove(bells[1].raw)
        #expect(poller.wait(nanoseconds: 0) == 2)
        for index in 0..<2 { poller.tell(index) }
        #expect(inner.events == [])
    }

    @Test func `what cannot be watched is an error`() throws {
        let scratch = try Scratch()
        let descriptor = try FileDescriptor(
            result: open(scratch.file("a"), O_CREAT | O_RDWR, 0o600))
        #expect(throws: Errno.notPermitted) {
            try poller.add(descriptor.raw, Source(), for: Poller.Flags.readable)
        }
    }
}

private final class Source: Pollable {
    var events: [UInt32] = []
    var atEnd: (() -> Void)?

    deinit { atEnd?() }

    func polled(_ events: UInt32) { self.events.append(events) }
}

/// A pipe with a byte in it.
private final class RungBell {
    private let reading: FileDescriptor
    private let writing: FileDescriptor

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        reading = FileDescriptor(owning: ends[0])
        writing = FileDescriptor(owning: ends[1])
        ring()
    }

    var raw: Int32 { reading.raw }

    func ring() { write(writing.raw, "x", 1) }
}
