import Foundation
import Testing

/// The ways in which Weir stands between a client and a server and changes nothing.
enum WeirMode: String, CaseIterable, CustomTestStringConvertible, Sendable {
    case record = "weir record"
    case proxy = "weir proxy"
    case recordingProxy = "weir proxy --record"

    var testDescription: String { rawValue }

    /// What to start it with, apart from addresses.
    fileprivate func arguments(recordingTo path: String) -> [String] {
        switch self {
        case .record: ["record", "--output", path]
        case .proxy: ["proxy"]
        case .recordingProxy: ["proxy", "--record", path]
        }
    }

    var records: Bool { self != .proxy }
}

/// The built `weir` between a test's clients and its server.
///
/// ```swift
/// let weir = try WeirBetween(mode, upstream: ":\(redis.port)")
/// …clients talk to weir.port…
/// try weir.finish("redis-benchmark")
/// ```
final class WeirBetween {
    let mode: WeirMode
    /// Where it listens; 0 where that is a Unix socket.
    let port: UInt16
    let program: RunningProgram
    private let folder: RecordingFolder
    private let start: ContinuousClock.Instant
    let descriptorsAtStart: Int

    /// - Parameters:
    ///   - listen: where clients connect; a free port of the loopback unless said otherwise.
    ///   - options: what else it is started with.
    ///   - descriptorLimit: how many descriptors it may have; nil: as many as the system lets it.
    init(
        _ mode: WeirMode, upstream: String, listen: String = ":0", options: [String] = [],
        descriptorLimit: Int? = nil
    ) throws {
        self.mode = mode
        start = .now
        folder = try RecordingFolder()
        let arguments =
            mode.arguments(recordingTo: folder.path("recording.weir"))
            + ["--listen", listen, "--upstream", upstream] + options
        if let descriptorLimit, let weir = RunningProgram.path(of: "weir") {
            program = try RunningProgram(
                "bash",
                ["-c", "ulimit -n \(descriptorLimit); exec \"$0\" \"$@\"", weir] + arguments)
        } else {
            program = try RunningProgram("weir", arguments)
        }
        try program.wait(for: "Ctrl-C ends it")
        let place = program.text.firstMatch(of: #/listening on .*?:(\d+), passing on/#)
        port = place.flatMap { UInt16($0.1) } ?? 0
        descriptorsAtStart = Self.descriptors(of: program.processIdentifier)
    }

    /// The recording; there is none behind `weir proxy` alone.
    var recording: String { folder.path("recording.weir") }

    /// How many descriptors it has open now.
    var descriptors: Int { Self.descriptors(of: program.processIdentifier) }

    /// What it holds in memory now, in bytes, and the most that it ever did.
    var memory: (now: Int, peak: Int) {
        (status("VmRSS"), status("VmHWM"))
    }

    /// Waits until it has no more descriptors open than when it began.
    func waitUntilIdle() { waitUntil { self.descriptors <= descriptorsAtStart } }

    /// Waits until it has closed what clients and servers have, ends it as Ctrl-C does, finds its
    /// recording whole, and prints the figures in one line.
    func finish(
        _ scenario: String, _ note: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        waitUntilIdle()
        let descriptors = descriptors
        let peak = memory.peak
        program.interrupt()
        let exitCode = try program.finish()
        #expect(exitCode == 130, "\(program.text)", sourceLocation: sourceLocation)
        let duration = start.duration(to: .now)
        print(
            "FIGURES \(scenario) | \(mode.rawValue) | \(Self.text(duration)) | "
                + "peak \(Self.mebibytes(peak)) MiB | "
                + "descriptors \(descriptorsAtStart) -> \(descriptors)"
                + (note.isEmpty ? "" : " | \(note)"))
        guard mode.records else { return }
        let check = try RunningProgram.run("weir", ["check", recording])
        #expect(check.exitCode == 0, sourceLocation: sourceLocation)
        #expect(
            check.text.contains(": whole; "), "\(check.text)", sourceLocation: sourceLocation)
    }

    static func mebibytes(_ bytes: Int) -> String {
        "\(bytes >> 20).\((bytes >> 10 & 1_023) * 10 / 1_024)"
    }

    private static func text(_ duration: Duration) -> String {
        duration.formatted(.units(allowed: [.seconds], fractionalPart: .show(length: 2)))
    }

    private func status(_ name: String) -> Int {
        let path = "/proc/\(program.processIdentifier)/status"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 << 10 } ?? 0
    }

    private static func descriptors(of process: Int32) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count) ?? 0
    }
}

/// Looks once a millisecond until it is so, where the kernel tells of a state only who asks. A test
/// that waits in vain fails at the time limit.
func waitUntil(
    sourceLocation: SourceLocation = #_sourceLocation, _ holds: () throws -> Bool
) rethrows {
    let end = ContinuousClock.now + .seconds(60)
    while try !holds() {
        guard ContinuousClock.now < end else {
            Issue.record("what was waited for did not come", sourceLocation: sourceLocation)
            return
        }
        poll(nil, 0, 1)
    }
}
