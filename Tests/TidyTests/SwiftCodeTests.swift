import Testing

@Suite struct SwiftCodeTests {
    @Test(arguments: [
        (#"a // b"#, #"a     "#),
        (#"a /* b /* c */ d */ e"#, #"a                   e"#),
        (#"let a = "b" + c"#, #"let a = " " + c"#),
        (#"let a = "b\(c("d"))e" + f"#, ##"let a = "  (c(" ")) " + f"##),
        (##"let a = #"b"c\(d)"# + e"##, ##"let a = #"       "# + e"##),
        (##"let a = #"\#(b)"#"##, ##"let a = #"  (b)"#"##),
        (#"let a = "\"// b" + c"#, #"let a = "      " + c"#),
        ("let a = \"\"\"\n  \"b\" // c\n  \"\"\" + d", "let a = \"\"\"\n          \n  \"\"\" + d"),
        ("func `it's \"open`() // a", "func `it's \"open`()     "),
        ("#if a\n#expect(b)", "#if a\n#expect(b)"),
    ])
    func `comments and strings are blanked, and code stays in its place`(text: String, code: String)
    {
        #expect(SwiftCode(text).lines.joined(separator: "\n") == code)
    }

    @Test func `source that is cut off anywhere is read to its end`() {
        let text = "a /* b */ \"c\\(d(\"e\"))\" #\"f\"# `g` \"\"\"\nh\n\"\"\" // i"
        for end in text.indices {
            let cut = String(text[..<end])
            #expect(
                SwiftCode(cut).lines.count
                    == cut.split(separator: "\n", omittingEmptySubsequences: false).count)
        }
    }
}
