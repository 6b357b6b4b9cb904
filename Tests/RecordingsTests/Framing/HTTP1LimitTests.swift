import Testing

@testable import Recordings

/// What HTTP/1 does not allow, and where it ends, with the reason.
struct HTTP1LimitTests {
    private func last(_ segments: [Segment]) -> String {
        messages(HTTP1Framer(), segments).last ?? ""
    }

    private func request(_ fields: String, _ version: String = "HTTP/1.1") -> String {
        last([.up("GET / \(version)\r\n\(fields)\r\n\r\n")])
    }

    @Test func `start lines have three parts`() {
        #expect(last([.up("GET\r\n")]).contains("method has byte 13"))
        #expect(last([.up(" / HTTP/1.1\r\n")]).contains("method has byte 32"))
        #expect(last([.up("GET  HTTP/1.1\r\n")]).contains("target has byte 32"))
        #expect(last([.up("GET /\r\n")]).contains("has no version"))
        #expect(last([.up("GET / a HTTP/1.1\r\n")]).contains("does not end with HTTP/1.x"))
        #expect(last([.up("GET / HTTP/2.0\r\n")]).contains("does not end with HTTP/1.x"))
        #expect(last([.up("GET / HTTP/1.x\r\n")]).contains("is not a digit"))
        #expect(last([.up("GET / HTTP/1.1 \r\n")]).contains("goes on behind its version"))
        #expect(last([.up("GET / HTTP/1.1\rX")]).contains("a CR stands without LF"))
        #expect(last([.up("\r\rGET")]).contains("a CR stands without LF"))
        #expect(last([.up("\rGET")]).contains("a CR stands without LF"))
        #expect(last([.down("ICY 200 OK\r\n")]).contains("does not begin with HTTP/1.x"))
        #expect(last([.down("HTTP/1.1  200 OK\r\n")]).contains("three digits"))
        #expect(last([.down("HTTP/1.1\r\n")]).contains("has no status"))
        #expect(last([.down("HTTP/1.1 20 OK\r\n")]).contains("three digits"))
        #expect(last([.down("HTTP/1.1 2000 OK\r\n")]).contains("three digits"))
    }

    @Test func `fields have a name and a colon`() {
        #expect(request("A b: c").contains("name has byte 32"))
        #expect(request("Host : a").contains("name has byte 32"))
        #expect(request(": a").contains("begins with byte 58"))
        #expect(request("Host").contains("name has byte 13"))
        #expect(request(" Host: a").contains("a space stands before the first field"))
        #expect(request("Host: a\0").contains("value has byte 0"))
        #expect(request("Host: a\rb").contains("a CR stands without LF"))
        #expect(last([.up("GET / HTTP/1.1\r\n\rx")]).contains("a CR stands without LF"))
        #expect(last([.down("HTTP/1.1 200 OK\r\nA b: c\r\n")]).contains("followed by byte 98"))
    }

    @Test func `lengths and codings must say one thing`() {
        for length in ["+1", "-1", "1x", "", "1,", "0x1", "1 1", "1234567890123456789"] {
            #expect(request("Content-Length: \(length)").contains("is not a number"))
        }
        #expect(request("Content-Length: 1\r\nContent-Length: 2").contains("two different"))
        #expect(request("Content-Length: 1, 2").contains("two different"))
        #expect(request("Transfer-Encoding: gzip").contains("does not end with chunked"))
        #expect(request("Transfer-Encoding: chunked, gzip").contains("behind chunked"))
        #expect(
            request("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")
                .contains("behind chunked"))
        #expect(request("Transfer-Encoding: ,").contains("names no coding"))
        #expect(request("Transfer-Encoding: chunked", "HTTP/1.0").contains("HTTP/1.0"))
        #expect(
            last([.down("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")])
                .contains("HTTP/1.0"))
    }

    @Test func `chunks are strict`() {
        func chunks(_ text: String) -> String {
            last([.up("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\(text)")])
        }
        #expect(chunks("x\r\n").contains("size is not a number"))
        #expect(chunks("\r\n").contains("size is not a number"))
        #expect(chunks("1x\r\n").contains("size is not a number"))
        #expect(chunks("1\na").contains("lone LF"))
        #expect(chunks("1;a\na").contains("lone LF"))
        #expect(chunks("1\rxa").contains("a CR stands without LF"))
        #expect(chunks("1\r\nab\r\n").contains("does not end where its size says"))
        #expect(chunks("1\r\na\n").contains("does not end where its size says"))
        #expect(chunks("1\r\na\rx").contains("does not end where its size says"))
        #expect(chunks("0\r\nX y\r\n").contains("name has byte 32"))
        #expect(!chunks("00000000000000f\r\n").contains("lost"))
        #expect(chunks("0000000000000000f\r\n").contains("more than 15 digits"))
        let long = String(repeating: "a", count: HTTPChunkReader.maximumExtensionBytes)
        #expect(!chunks("1;" + long.dropFirst() + "\r\n").contains("lost"))
        #expect(chunks("1;" + long + "a\r\n").contains("longer than 16384 bytes"))
    }

    @Test(arguments: [1 << 20, 4_096, 1_000])
    func `heads and trailers have a size`(size: Int) {
        let head = "GET / HTTP/1.1\r\nX: "
        let room = HTTPMessageReader.maximumHeadBytes
        let filler = String(repeating: "a", count: room - head.utf8.count - 4)
        let longest = messages(HTTP1Framer(), [.up(head + filler + "\r\n\r\n")], cut: .every(size))
        #expect(longest == ["u1 0+\(room) GET owes 1"])
        let longer = messages(HTTP1Framer(), [.up(head + filler + "a\r\n\r\n")], cut: .every(size))
        #expect(longer == ["u lost at 0: a head is longer than 262144 bytes"])
        let chunked = "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: "
        let trailer = String(repeating: "a", count: room - 7)
        #expect(
            messages(HTTP1Framer(), [.up(chunked + trailer + "\r\n\r\n")], cut: .every(size))
                == ["u1 0+\(room + chunked.utf8.count - 3) GET owes 1"])
        #expect(
            messages(HTTP1Framer(), [.up(chunked + trailer + "a\r\n\r\n")], cut: .every(size))
                == ["u lost at 0: trailers are longer than 262144 bytes"])
    }

    @Test func `what decides the length is short`() {
        let fits = String(repeating: " ", count: 254)
        #expect(request("Content-Length:\(fits)0").contains("owes 1"))
        #expect(
            request("Content-Length:\(fits)  0").contains("Content-Length is longer than 256"))
        let method = String(repeating: "A", count: HTTPStartLine.maximumMethodBytes)
        #expect(last([.up(method + " / HTTP/1.1\r\n\r\n")]).contains("owes 1"))
        #expect(last([.up(method + "A / HTTP/1.1\r\n\r\n")]).contains("longer than 32 bytes"))
    }
}
