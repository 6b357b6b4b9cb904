import Testing

@testable import Recordings

struct DetectionTests {
    private func detect(_ upstream: String, _ downstream: String = "") -> Detection {
        let upstream = Array(upstream.utf8)
        let downstream = Array(downstream.utf8)
        return Framers.detect(upstream: upstream.span, downstream: downstream.span)
    }

    private func name(_ detection: Detection) -> String {
        switch detection {
        case .framer(let settings, _): settings.description
        case .notYet(let name, _): "not yet \(name)"
        case .tls: "tls"
        case .unknown: "unknown"
        case .undecided: "undecided"
        }
    }

    @Test func `redis is known by its arrays, or by its inline commands and their answers`() {
        #expect(name(detect("*1\r\n$4\r\nPI")) == "redis")
        #expect(name(detect("*1\r\n$4\r\n")) == "redis")
        #expect(name(detect("*1\r\n$")) == "undecided")
        #expect(name(detect("PING\r\n")) == "undecided")
        #expect(name(detect("PING\r\n", "+PONG\r\n")) == "redis")
    }

    @Test func `lines are known by a whole one each way`() {
        #expect(name(detect("transfer 5\n")) == "undecided")
        #expect(name(detect("transfer 5\n", "ok\n")) == "line")
        #expect(name(detect("transfer \u{1}\n", "ok\n")) == "unknown")
    }

    @Test func `HTTP is known by a request line or a status line`() {
        #expect(name(detect("GET / HTTP/1.1\r\nHost: x\r\n")) == "http1")
        #expect(name(detect("GET / HTTP/1.1\r")) == "undecided")
        #expect(name(detect("", "HTTP/1.1 200 OK\r\n")) == "http1")
        #expect(name(detect("rest of a body", "HTTP/1.1 200 OK\r\n")) == "http1")
        #expect(name(detect("GET /" + String(repeating: "a", count: 300))) == "http1")
        #expect(name(detect("GET key\r\n", "$-1\r\n")) == "redis")
        #expect(name(detect("GET / b\n", "ok\n")) == "line")
    }

    @Test func `PostgreSQL is known by what has no type byte`() {
        func name(_ bytes: [UInt8], _ answer: [UInt8] = []) -> String {
            self.name(Framers.detect(upstream: bytes.span, downstream: answer.span))
        }
        #expect(name([0, 0, 0, 41, 0, 3, 0, 0]) == "postgresql")
        #expect(name(PostgreSQLTraffic.sslRequest, [UInt8(ascii: "N")]) == "postgresql")
        #expect(name([0, 0, 0, 16, 4, 210, 22, 46, 0]) == "postgresql")
        #expect(name([0, 0, 0, 41, 0, 3, 0]) == "undecided")
        #expect(name([0, 0, 0, 41, 0, 18, 0, 0, 10]) == "unknown")
    }

    @Test func `what cannot be read yet is named`() {
        #expect(name(detect("PRI * HTTP/2.0\r\n")) == "not yet http2")
        #expect(name(detect("EHLO x\r\n", "220 mail\r\n")) == "unknown")
        #expect(name(detect("", "SSH-2.0-OpenSSH\r\n")) == "unknown")
    }

    @Test func `TLS is named, with what to do`() {
        let hello = [0x16, 0x03, 0x01, 0x02, 0x00].map { UInt8($0) }
        let found = Framers.detect(upstream: hello.span, downstream: [UInt8]().span)
        #expect(name(found) == "tls")
        #expect(found.sentence.contains("stand behind the proxy that ends TLS"))
    }

    @Test func `there is a decision after so many bytes`() {
        let long = String(repeating: "x", count: Framers.detectionBytes)
        #expect(name(detect(String(long.dropLast()))) == "undecided")
        #expect(name(detect(long)) == "unknown")
    }

    @Test func `settings are read as they are written`() throws {
        let settings = try FramerSettings(parsing: "line:pairing=none")
        #expect(settings.description == "line:pairing=none")
        let framer = try Framers.make(settings) as? LineFramer
        #expect(framer?.pairing == Pairing.none)
        #expect(try FramingChoice(parsing: "none") == .none)
        #expect(try FramingChoice(parsing: "redis") == .framer(FramerSettings(name: "redis")))
    }

    @Test func `wrong names and settings say what to write`() {
        func error(_ text: String) -> String {
            do throws(FramerError) {
                _ = try FramingChoice(parsing: text)
                return ""
            } catch {
                return error.description
            }
        }
        #expect(
            error("x")
                == "no protocol is named \"x\"; "
                + "write http1, postgresql, redis, line, length-prefixed, none"
        )
        #expect(
            error("http2")
                == "the protocol http2 cannot be read as messages yet; "
                + "write http1, postgresql, redis, line, length-prefixed, none")
        #expect(
            error("line:pairing=no") == "line: pairing cannot be \"no\"; write order or none")
        #expect(
            error("length-prefixed:width=5")
                == "length-prefixed: width cannot be \"5\"; write 1, 2, 3, 4 or 8")
        for offset in ["256", "-1", "x", "", "99999999999999999999"] {
            #expect(
                error("length-prefixed:offset=\(offset)")
                    == "length-prefixed: offset cannot be \"\(offset)\"; "
                    + "write a number from 0 to 255")
        }
        #expect(
            error("length-prefixed:adjustmnt=1")
                == "the protocol length-prefixed has no setting \"adjustmnt\"; "
                + "did you mean \"adjustment\"?")
        #expect(error("redis:x=1") == "the protocol redis has no setting \"x\"; leave it out")
        #expect(error("line:pairing").contains("write it like \"line:pairing=none\""))
        #expect(error("line:pairing=none,pairing=order").contains("twice"))
    }
}
