import Foundation
import Testing

@testable import Reactions
@testable import Reports

#if canImport(FoundationXML)
import FoundationXML
#endif

/// JUnit's XML and Markdown.
@Suite struct ForMachinesTests {
    @Test(arguments: VerdictTextTests.drawn.map(\.0))
    func `JUnit's XML and Markdown are as their golden files have them`(name: String) throws {
        let result = try #require(VerdictTextTests.drawn.first { $0.0 == name }).1
        try Golden.expect(VerdictJUnit(result).text, equals: "verdict/\(name).xml")
        try Golden.expect(VerdictMarkdown(result).text, equals: "verdict/\(name).md.txt")
    }

    @Test func `another XML parser reads what is written, with its counts`() throws {
        for (name, result) in VerdictTextTests.drawn {
            let elements = try #require(XMLElements(VerdictJUnit(result).text), "\(name)")
            let suite = try #require(elements.first("testsuite"))
            #expect(suite["tests"] == "\(elements.count("testcase"))")
            #expect(suite["failures"] == "\(elements.count("failure"))")
            #expect(suite["errors"] == "\(elements.count("error"))")
            #expect(elements.count("testcase") == result.runs.count + result.expectations.count)
        }
    }

    @Test func `whatever is in a result, it is XML`() throws {
        let seed: UInt64 = 13
        print("seed \(seed)")
        var random = RandomResults(seed: seed)
        for _ in 0..<200 {
            let text = VerdictJUnit(random.result()).text
            #expect(XMLElements(text) != nil, "\(text)")
        }
    }

    @Test func `a text that holds every character is read back without those that XML has not`()
        throws
    {
        let all =
            (0...0x3000).compactMap(Unicode.Scalar.init) + ["\u{fffe}", "\u{1fffe}", "\u{10ffff}"]
        var text = ""
        text.unicodeScalars += all
        var suite = JUnitSuite(name: text, started: nil)
        suite.cases = [.init(name: "]]>", nanoseconds: 0, outcome: .passed, output: text)]
        let elements = try #require(XMLElements(suite.text))
        let name = try #require(elements.first("testsuite")?["name"])
        #expect(name.hasPrefix("\\x00\\x01\\x02"))
        #expect(name.contains("\\x08\t\n\\x0b\\x0c\r\\x0e"))
        #expect(name.contains("ÿ") && name.hasSuffix("\\u{fffe}\\u{1fffe}\\u{10ffff}"))
        #expect(elements.first("testcase")?["name"] == "]]>")
    }

    @Test func `a failure is the consumer's, and what could not be decided an error`() throws {
        func kinds(_ result: TestResult) throws -> [String] {
            let elements = try #require(XMLElements(VerdictJUnit(result).text))
            return elements.all.map(\.0).filter { $0 == "failure" || $0 == "error" }
        }
        #expect(try kinds(DrawnResults.silent) == ["failure"])
        #expect(try kinds(DrawnResults.crash) == ["failure"])
        #expect(try kinds(DrawnResults.inconclusive) == ["error"])
        #expect(try kinds(DrawnResults.recovered).isEmpty)
        // Two expectations of it fail and cannot be decided.
        #expect(try kinds(DrawnResults.loud) == ["failure", "failure", "error"])
        var allowed = DrawnResults.crash
        allowed.expectations = [.init(text: "no silent failure", held: true, found: "")]
        #expect(try kinds(allowed).isEmpty)
        // What is expected of symptoms is asked of each run.
        var late = DrawnResults.recovered
        late.expectations = [.init(text: "no delayed", held: false, found: "1 delayed (seed 7)")]
        #expect(try kinds(late) == ["failure", "failure"])
        // That another expectation does not hold is no reason against a failure that is allowed.
        allowed.expectations.append(.init(text: "p99 < 200ms", held: false, found: "slow"))
        #expect(try kinds(allowed) == ["failure"])
        var unstable = DrawnResults.silent
        unstable.baseline.unstable = ["a probe differs"]
        #expect(try kinds(unstable) == ["error"])
    }

    @Test func `the mark over a page is what expectations come to`() {
        func headline(_ result: TestResult, _ held: [Bool?]) -> String {
            var result = result
            result.expectations = held.map {
                ExpectationResult(text: "p99 < 200ms", held: $0, found: "")
            }
            return VerdictMarkdown(result).text.prefix { $0 != "\n" }.description
        }
        let tolerated = DrawnResults.tolerated
        #expect(headline(tolerated, []) == "### ✅ Tolerated")
        #expect(headline(tolerated, [true]) == "### ✅ Tolerated")
        #expect(
            headline(tolerated, [true, false])
                == "### ❌ Tolerated, but an expectation did not hold")
        #expect(headline(tolerated, [true, nil]) == "### ⚠️ Tolerated")
        #expect(headline(DrawnResults.crash, []) == "### ❌ Failed loudly")
        #expect(headline(DrawnResults.crash, [false]) == "### ❌ Failed loudly")
        #expect(headline(DrawnResults.crash, [true]) == "### ✅ Failed loudly, as was expected")
        #expect(headline(DrawnResults.inconclusive, [true]) == "### ⚠️ Inconclusive")
    }

    @Test func `nothing from outside is markup in Markdown`() {
        #expect(Markdown.code("a`b``c") == "```a`b``c```")
        #expect(Markdown.code("`") == "`` ` ``")
        #expect(Markdown.code("a|b\n<b>") == "`a\\|b\\n<b>`")
        #expect(Markdown.code("|\u{301}") == "`\\|\u{301}`")
        #expect(Markdown.plain("a_b*<b>") == "a\\_b\\*\\<b\\>")
        #expect(Markdown.block(["```", "x"]) == ["````text", "```", "x", "````"])
    }

    @Test func `of a flood the reports are bounded`() {
        let result = DrawnResults.flood(100_000)
        #expect(VerdictJUnit(result).text.utf8.count < 20_000)
        #expect(VerdictMarkdown(result).text.utf8.count < 20_000)
        #expect(VerdictText(result).firstScreen.utf8.count < 2_000)
    }
}

/// The elements of an XML text, read by Foundation's parser; nil where it is none.
private final class XMLElements: NSObject, XMLParserDelegate {
    private(set) var all: [(String, [String: String])] = []

    init?(_ text: String) {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        guard parser.parse() else { return nil }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String] = [:]
    ) {
        all.append((name, attributes))
    }

    func count(_ name: String) -> Int { all.count { $0.0 == name } }

    func first(_ name: String) -> [String: String]? { all.first { $0.0 == name }?.1 }
}
