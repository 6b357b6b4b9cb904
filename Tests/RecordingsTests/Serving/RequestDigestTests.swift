import Testing

@testable import Recordings

/// How a message that comes is found among recorded ones.
struct RequestDigestTests {
    private func digest(
        _ text: String, _ framing: String = "http1", cut size: Int = .max
    ) throws -> MessageDigest {
        var digest = RequestDigest(try FramingChoice(parsing: framing))
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = start + min(size, bytes.count - start)
            digest.add(bytes.span.extracting(start..<end))
            start = end
        }
        #expect(digest.bytes == UInt64(bytes.count))
        return digest.take()
    }

    private let request = "POST /a HTTP/1.1\r\nHost: a:1\r\nHostile: x\r\n\r\nHost: body\r\n"

    @Test(arguments: 1...70)
    func `where bytes are cut changes nothing`(size: Int) throws {
        #expect(try digest(request, cut: size) == digest(request))
    }

    @Test func `Host's value does not count, and every other byte does`() throws {
        let whole = try digest(request)
        #expect(
            try digest("POST /a HTTP/1.1\r\nHost: bb:22\r\nHostile: x\r\n\r\nHost: body\r\n")
                == whole)
        for other in [
            "POST /b HTTP/1.1\r\nHost: a:1\r\nHostile: x\r\n\r\nHost: body\r\n",
            "POST /a HTTP/1.1\r\nHost: a:1\r\nHostile: y\r\n\r\nHost: body\r\n",
            "POST /a HTTP/1.1\r\nHost: a:1\r\nHostile: x\r\n\r\nHost: BODY\r\n",
            "POST /a HTTP/1.1\r\nHos: a:1\r\nHostile: x\r\n\r\nHost: body\r\n",
        ] {
            #expect(try digest(other) != whole, "\(other)")
        }
    }

    @Test func `in other protocols all bytes count`() throws {
        #expect(try digest("a\nHost: 1\n", "line") != digest("a\nHost: 2\n", "line"))
        #expect(try digest("a", "line") != digest("aa", "line"))
        #expect(try digest("ab", "line") != digest("ba", "line"))
    }

    @Test func `taking a digest begins the next message`() throws {
        var digest = RequestDigest(.none)
        digest.add([1, 2].span)
        let first = digest.take()
        digest.add([1, 2].span)
        #expect(digest.take() == first)
    }
}
