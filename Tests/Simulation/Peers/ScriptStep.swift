import Platform

/// One thing that a scripted peer does or waits for. Steps are done one after the other.
package enum ScriptStep {
    /// Sends all of it; done when the socket has taken the last byte.
    case send(ScriptBytes)
    /// Waits for these bytes, which must be the next that come.
    case expect(ScriptBytes)
    /// Waits for so many bytes, whatever they are.
    case expectBytes(Int)
    /// Waits for the peer's FIN, before which nothing else may come.
    case expectEnd
    /// Waits for the peer's RST; bytes before it may come.
    case expectReset
    /// Waits for the dial to fail with just this error; a client's first step.
    case expectDialFailure(Errno)
    /// Waits so many nanoseconds.
    case wait(Int64)
    /// Ends the sending direction: FIN.
    case finish
    case close
    case reset
    /// Receives nothing any more, so that the window closes.
    case stopReading
    case resumeReading
    /// Closes what is left of the connection and dials again; a client's step.
    case dialAgain
    /// Calls it: to look at or to change something in the middle of a script.
    case call(() -> Void)
}

/// Bytes in a script, written as a string (UTF-8) or as an array.
package struct ScriptBytes: ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    package let bytes: [UInt8]

    package init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
    package init(_ text: String) { bytes = Array(text.utf8) }
    package init(stringLiteral text: String) { self.init(text) }
    package init(arrayLiteral bytes: UInt8...) { self.bytes = bytes }
}

/// What a scripted server does with what it receives.
package enum Service {
    /// Once for each line (its end, `\n` or `\r\n`, is cut off): the steps that answer it.
    case lines((String) -> [ScriptStep])
    /// Once for each arrival, as it was cut: the steps that answer it.
    case bytes(([UInt8]) -> [ScriptStep])

    /// Sends everything back.
    package static var echo: Service { .bytes { [.send(ScriptBytes($0))] } }
}

/// How fast a scripted peer receives.
package enum ReadingPace {
    case atOnce
    /// So many bytes, then none for so many nanoseconds.
    case slow(bytes: Int, everyNanoseconds: Int64)
}
