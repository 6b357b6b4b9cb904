import Recordings
import Testing

@testable import Faults

/// What is said on a copy's own connection, for what its server does.
struct CopyPlayTests {
    /// One connection, drawn: `0 > SELECT 1|; 2 > INCR a|; 3 fin; 4 close`.
    private struct Drawn {
        var play: CopyPlay
        private(set) var lines: [String] = []
        private var now: Int64 = 0

        init(_ text: String, protocolName: String = "redis") throws {
            var live = try LiveScript("duplicate on=new contains=INCR", protocolName: protocolName)
            live.say(.upstream, text)
            play = CopyPlay(try #require(live.redeliveries.last), at: .start)
        }

        var text: String { lines.joined(separator: "; ") }

        mutating func at(_ milliseconds: Int64, _ event: (inout CopyPlay, Instant) -> Void) {
            now = milliseconds
            event(&play, LiveScript.instant(now))
            take()
        }

        mutating func answer(_ text: String, at milliseconds: Int64) {
            let bytes = Array(text.utf8)
            at(milliseconds) { play, instant in play.receive(bytes.span, at: instant) }
        }

        private mutating func take() {
            while true {
                switch play.next(at: LiveScript.instant(now)) {
                case .nothing: return
                case .send(let part, let start):
                    let text = String(decoding: part.bytes[start...], as: UTF8.self)
                    let shown = text.split(whereSeparator: \.isNewline).joined(separator: "|")
                    lines.append("\(now) > \(shown)|")
                    play.took(part.bytes.count - start, at: LiveScript.instant(now))
                case .finish: lines.append("\(now) fin")
                case .close: lines.append("\(now) close")
                case .reset: lines.append("\(now) reset")
                }
            }
        }
    }

    @Test func `each state is answered before the next, and the copy before the end`() throws {
        var drawn = try Drawn("AUTH a|SELECT 1|INCR a|")
        drawn.at(1) { $0.connected(at: $1) }
        drawn.answer("+O", at: 2)
        drawn.answer("K\r\n", at: 3)
        drawn.answer("+OK\r\n", at: 4)
        #expect(drawn.play.isSent)
        drawn.answer(":2\r\n", at: 5)
        drawn.at(6) { play, _ in play.serverEnded() }
        #expect(
            drawn.text == "1 > AUTH a|; 3 > SELECT 1|; 4 > INCR a|; 5 fin; 6 close")
        #expect(drawn.play.reason == "" && drawn.play.nextWake == nil)
    }

    @Test func `state that is answered by an error keeps the copy back`() throws {
        var drawn = try Drawn("AUTH a|INCR a|")
        drawn.at(0) { $0.connected(at: $1) }
        drawn.answer("-WRONGPASS no\r\n", at: 1)
        #expect(drawn.text == "0 > AUTH a|; 1 fin")
        #expect(drawn.play.reason == "the server answered its session state by an error")
        #expect(!drawn.play.isSent)
    }

    @Test func `a server that never answers, accepts or ends costs bounded time`() throws {
        var silent = try Drawn("INCR a|")
        silent.at(0) { $0.connected(at: $1) }
        silent.at(5_000) { $0.wake(at: $1) }
        silent.at(6_000) { $0.wake(at: $1) }
        #expect(silent.text == "0 > INCR a|; 5000 fin; 6000 reset" && silent.play.reason == "")

        var state = try Drawn("SELECT 1|INCR a|")
        state.at(0) { $0.connected(at: $1) }
        state.at(5_000) { $0.wake(at: $1) }
        #expect(state.text == "0 > SELECT 1|; 5000 fin")
        #expect(state.play.reason == "the server did not answer its session state within 5s")

        var dial = try Drawn("INCR a|")
        dial.at(5_000) { $0.wake(at: $1) }
        #expect(dial.play.nextWake == nil && dial.text == "")
        #expect(dial.play.reason == "the server did not accept within 5s")
    }

    @Test func `an end before the copy is the reason, and one behind it is none`() throws {
        var early = try Drawn("SELECT 1|INCR a|")
        early.at(0) { $0.connected(at: $1) }
        early.at(1) { play, _ in play.serverEnded() }
        #expect(early.text == "0 > SELECT 1|; 1 fin; 1 close")
        #expect(early.play.reason == "the server ended the connection before the copy was sent")
        var late = try Drawn("INCR a|")
        late.at(0) { $0.connected(at: $1) }
        late.at(1) { play, _ in play.serverEnded() }
        #expect(late.text == "0 > INCR a|; 1 fin; 1 close" && late.play.reason == "")
    }

    @Test func `where answers are not told apart, quiet ends it`() throws {
        var drawn = try Drawn("INCR a|", protocolName: "line:pairing=none")
        drawn.at(0) { $0.connected(at: $1) }
        drawn.answer("some", at: 10)
        drawn.answer("thing\n", at: 40)
        #expect(drawn.play.nextWake == LiveScript.instant(90))
        drawn.at(90) { $0.wake(at: $1) }
        #expect(drawn.text == "0 > INCR a|; 90 fin")
    }

    @Test func `one that is ended early says so, unless its copy was sent`() throws {
        var early = try Drawn("INCR a|")
        early.at(0) { play, _ in play.stop() }
        #expect(early.play.reason == CopyPlay.interrupted && early.play.nextWake == nil)
        var late = try Drawn("INCR a|")
        late.at(0) { $0.connected(at: $1) }
        late.at(1) { play, _ in play.stop() }
        #expect(late.play.reason == "" && late.play.isSent)
    }
}
