@testable import Recordings

/// Messages of PostgreSQL's protocol, for tests.
enum PostgreSQLTraffic {
    /// A type byte and a body, with the length between them.
    static func typed(_ type: Character, _ body: [UInt8] = []) -> [UInt8] {
        Array(String(type).utf8) + number(UInt32(body.count + 4)) + body
    }

    static func typed(_ type: Character, text: String) -> [UInt8] {
        typed(type, Array(text.utf8) + [0])
    }

    /// What has no type byte: a length, a code and the rest.
    static func opening(_ code: UInt32, _ rest: [UInt8] = []) -> [UInt8] {
        number(UInt32(rest.count + 8)) + number(code) + rest
    }

    static func number(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    /// Several messages without bodies, or with bodies that do not matter: `PBES`.
    static func run(_ types: String) -> [UInt8] {
        types.flatMap { typed($0, $0 == "Z" ? [UInt8(ascii: "I")] : [1, 2, 3]) }
    }

    static let sslRequest = opening(80_877_103)
    static let startUp = opening(196_608, Array("user\0a\0\0".utf8))
    static let ok = typed("R", number(0))
    static let ready = typed("Z", [UInt8(ascii: "I")])

    static func up(_ bytes: [UInt8]...) -> Segment {
        Segment(direction: .upstream, bytes: bytes.flatMap { $0 })
    }

    static func down(_ bytes: [UInt8]...) -> Segment {
        Segment(direction: .downstream, bytes: bytes.flatMap { $0 })
    }

    /// A start-up that asks for no password.
    static let trusted = [up(startUp), down(ok, run("SSK"), ready)]

    /// A session with SCRAM, the extended protocol, COPY both ways and an error.
    static let session: [Segment] = [
        up(opening(80_877_104)), down([UInt8(ascii: "N")]), up(sslRequest),
        down([UInt8(ascii: "N")]), up(opening(196_610, Array("user\0a\0\0".utf8))),
        down(run("v"), typed("R", number(10) + Array("SCRAM-SHA-256\0\0".utf8))),
        up(typed("p", text: "SCRAM-SHA-256")), down(typed("R", number(11) + [7])),
        up(typed("p", [7, 7])), down(typed("R", number(12)), ok, run("SSK"), ready),
        up(typed("Q", text: "set search_path = a;"), typed("Q", text: "SELECT 1")),
        down(run("CSZTDNDC"), ready), up(run("PBDEHPBES")), down(run("12nC1ANE"), ready),
        up(typed("Q", text: "copy t (a, b) from stdin csv")), down(run("G")), up(run("ddc")),
        down(run("CZ")), up(typed("Q", text: "COPY t TO STDOUT")), down(run("HdddcC"), ready),
        up(run("FX")),
    ]
}
