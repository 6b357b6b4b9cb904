/// Which protocol a connection speaks, as its first bytes tell, and why.
package enum Detection: Hashable, Sendable {
    case framer(FramerSettings, why: String)
    /// A protocol that is known by name only.
    case notYet(name: String, why: String)
    /// Encrypted: carried, timed and cut, never read.
    case tls(why: String)
    case unknown(why: String)
    /// More bytes are needed; after `Framers.detectionBytes` there is always a decision.
    case undecided

    /// The decision in a sentence, with what to do to overrule it.
    package var sentence: String {
        switch self {
        case .framer(let settings, let why):
            "reading \(settings): \(why); --protocol overrules"
        case .notYet(let name, let why):
            "this is \(name), which cannot be read as messages yet: \(why)"
        case .tls(let why):
            "this is TLS: \(why); it is carried, timed and cut, not read: to see messages, "
                + "stand behind the proxy that ends TLS"
        case .unknown(let why):
            "no protocol is known here: \(why); --protocol names one"
        case .undecided:
            "too few bytes to tell the protocol"
        }
    }
}

extension Framers {
    /// So many first bytes of both links together are enough to decide.
    package static let detectionBytes = 1024

    /// Decides from the first bytes of a connection, or asks for more. Either may be empty.
    package static func detect(
        upstream: Span<UInt8>, downstream: Span<UInt8>
    ) -> Detection {
        let isAll = upstream.count + downstream.count >= detectionBytes
        if let found = signature(of: upstream, downstream) { return found }
        for listing in all {
            switch listing.recognises(upstream, downstream) {
            case .no: continue
            case .yes:
                return .framer(
                    FramerSettings(name: listing.name),
                    why: "the first bytes look like \(listing.name)")
            case .undecided where isAll: continue
            case .undecided: return .undecided
            }
        }
        if !isAll && upstream.count < 8 && downstream.count < 8 { return .undecided }
        return .unknown(why: "the first bytes fit none that Weir reads")
    }

    /// The protocol that a client's first bytes may well be of while nothing has answered it: the
    /// first one that they do not rule out. Some are told for certain by an answer alone.
    package static func likeliest(upstream: Span<UInt8>) -> FramerSettings? {
        let none: [UInt8] = []
        guard !upstream.isEmpty, signature(of: upstream, none.span) == nil else { return nil }
        return all.first { $0.recognises(upstream, none.span) != .no }
            .map { FramerSettings(name: $0.name) }
    }

    /// Whether a connection's first bytes do not rule this protocol out.
    package static func mayBe(
        _ framer: FramerSettings, upstream: Span<UInt8>, downstream: Span<UInt8>
    ) -> Bool {
        guard signature(of: upstream, downstream) == nil,
            let listing = all.first(where: { $0.name == framer.name })
        else { return false }
        return listing.recognises(upstream, downstream) != .no
    }

    /// First bytes that settle it, and the protocol that begins so.
    private static func signature(
        of upstream: Span<UInt8>, _ downstream: Span<UInt8>
    ) -> Detection? {
        if begins(upstream, [0x16, 0x03]) || begins(downstream, [0x16, 0x03]) {
            return .tls(why: "the first bytes are a TLS handshake record")
        }
        if begins(upstream, "PRI * HTTP/2") {
            return .notYet(name: "http2", why: "it begins with HTTP/2's preface")
        }
        for text in otherTexts {
            if begins(text.isUpstream ? upstream : downstream, text.prefix) {
                return .unknown(why: "this looks like \(text.name)")
            }
        }
        return nil
    }

    private struct OtherText {
        var prefix: String
        var isUpstream: Bool
        var name: String
    }

    /// Protocols of lines in which one line does not answer one.
    private static let otherTexts = [
        OtherText(prefix: "SSH-", isUpstream: true, name: "SSH"),
        OtherText(prefix: "SSH-", isUpstream: false, name: "SSH"),
        OtherText(prefix: "220", isUpstream: false, name: "SMTP or FTP"),
        OtherText(prefix: "* OK", isUpstream: false, name: "IMAP"),
        OtherText(prefix: "+OK POP3", isUpstream: false, name: "POP3"),
        OtherText(prefix: "INFO {", isUpstream: false, name: "NATS"),
        OtherText(prefix: "CONNECT {", isUpstream: true, name: "NATS"),
        OtherText(prefix: "AMQP", isUpstream: true, name: "AMQP"),
        OtherText(prefix: "STOMP\n", isUpstream: true, name: "STOMP"),
    ]

    private static func begins(_ bytes: Span<UInt8>, _ prefix: String) -> Bool {
        begins(bytes, Array(prefix.utf8))
    }

    private static func begins(_ bytes: Span<UInt8>, _ prefix: [UInt8]) -> Bool {
        guard bytes.count >= prefix.count else { return false }
        for index in prefix.indices where bytes[index] != prefix[index] { return false }
        return true
    }
}
