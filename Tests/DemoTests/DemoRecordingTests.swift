import Recordings
import Simulation
import Testing

@testable import weir

@Suite struct DemoRecordingTests {
    @Test(arguments: [1, 2, 3], [false, true])
    func `the recording holds every request and every answer, in the script's order`(
        seed: UInt64, isRough: Bool
    ) throws {
        let script = ProducerScript(seed: 7)
        let stage = SimulatedStage(seed: seed, misbehaviour: isRough ? .rough : .none)
        let (recording, file) = try record(script, on: stage)
        #expect(recording.answers == script.connections.joined().flatMap(\.requests).count)

        var reader = try RecordingReader(MemoryFile(file))
        let framing = try reader.framing()
        #expect(framing.choice.description == "line")
        let listened = reader.header.routes.map(\.listen)
        #expect(listened.count == 1 && !listened.contains { $0.hasSuffix(":0") })
        var upstream: [UInt32: [UInt8]] = [:]
        try reader.forEachEvent { event, bytes, _ in
            guard case .chunk = event.fact, event.direction == .upstream else { return }
            for index in bytes.indices {
                upstream[event.connection, default: []].append(bytes[index])
            }
        }
        for number in 1...ProducerScript.connectionCount {
            let lines = script.requests(ofConnection: number).map { $0.line + "\n" }.joined()
            #expect(upstream[number] == Array(lines.utf8))
        }
        #expect(upstream.count == Int(ProducerScript.connectionCount))
        #expect(stage.simulated.openDescriptors == 0)
    }
}

/// Records a script on a stage in memory.
func record(
    _ script: ProducerScript, on stage: SimulatedStage
) throws -> (recording: DemoRecording, file: [UInt8]) {
    let store = MemoryBlockStore(on: stage.simulated)
    let recording = try DemoRecording(
        of: script, into: store, header: RecordingHeader(toolVersion: "test"), on: stage)
    return (recording, store.file)
}
