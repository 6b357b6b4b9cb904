import Testing
import Text

@Suite struct JSONWriterTests {
    @Test func `lines are written without building values`() {
        var writer = JSONWriter()
        for message: UInt64 in 1...2 {
            writer.object { line in
                line.member("type", "answer")
                line.member("message", message)
                line.member("late", false)
                line.member("latency", TimeAmount(nanoseconds: 20_000_000))
                line.member("strike", ifPresent: message == 2 ? "drop@1u2" : nil)
                line.member("copy", UInt64?.none)
                line.member(
                    "ends",
                    array: { ends in
                        ends.value(1)
                        ends.object { _ in }
                        ends.array { _ in }
                    })
            }
            writer.endLine()
        }
        let start = #""late":false,"latency":"20ms""#
        let end = #""copy":null,"ends":[1,{},[]]"#
        #expect(
            writer.text == """
                {"type":"answer","message":1,\(start),\(end)}
                {"type":"answer","message":2,\(start),"strike":"drop@1u2",\(end)}

                """)
        writer.removeAll()
        writer.value([1, 2])
        #expect(writer.text == "[1,2]")
    }

    @Test func `the pretty style has a member a line`() throws {
        let value: JSONValue = ["b": [1, [], ["c": nil]], "a": [:], "s": "x"]
        #expect(
            value.text(.pretty) == """
                {
                  "b": [
                    1,
                    [],
                    {
                      "c": null
                    }
                  ],
                  "a": {},
                  "s": "x"
                }
                """)
        #expect(value.text() == #"{"b":[1,[],{"c":null}],"a":{},"s":"x"}"#)
        #expect(try JSONReader.read(value.text(.pretty)) == value)
    }

    @Test func `what a terminal would act on is escaped`() {
        let text = JSONValue("\"\\/\u{8}\t\n\u{c}\r\u{1b}\u{7f}\u{9b}é😀\0").text()
        #expect(text == #""\"\\/\b\t\n\f\r\u001b\u007f\u009bé😀\u0000""#)
    }

    @Test func `bytes that are not UTF-8 become the replacement character`() throws {
        let bytes: [UInt8] = [0x61, 0xff, 0xc3, 0xa9, 0xe2, 0x82]
        var writer = JSONWriter()
        writer.string(utf8: bytes.span)
        #expect(writer.text == #""a\ufffdé\ufffd\ufffd""#)
        #expect(try JSONReader.read(writer.bytes).string == "a\u{fffd}é\u{fffd}\u{fffd}")
    }

    @Test func `an object is built and changed in order`() {
        var object = JSONObject()
        object["z"] = 1
        object["a"] = "x"
        object["m"] = true
        object["z"] = 2
        object["a"] = nil
        #expect(JSONValue(object).text() == #"{"z":2,"m":true}"#)
    }
}
