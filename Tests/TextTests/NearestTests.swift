import Testing
import Text

@Suite struct NearestTests {
    private let faults = ["latency", "delay", "duplicate", "reorder", "drop", "disconnect"]

    @Test(arguments: [
        ("latncy", "latency"), ("dealy", "delay"), ("duplicates", "duplicate"),
        ("recorder", "reorder"), ("DROP", "drop"), ("drp", "drop"), ("diconect", "disconnect"),
    ])
    func `a mistyped name finds the one that was meant`(typed: String, meant: String) {
        #expect(nearest(typed, among: faults) == meant)
    }

    @Test(arguments: ["", "banana", "x", "lay", String(repeating: "latency", count: 100)])
    func `a name that is far from all finds none`(typed: String) {
        #expect(nearest(typed, among: faults) == nil)
    }

    @Test func `of two that are as near it is the earlier`() {
        #expect(nearest("cat", among: ["bat", "hat"]) == "bat")
        #expect(nearest("a", among: ["b", "ab"]) == "ab")
    }
}
