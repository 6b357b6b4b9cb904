import Platform
import Reactions
import Recordings
import Reports
import Text

/// Reads what happened around the symptoms of a judged run from the recording in its folder.
enum EvidenceReading {
    /// - Parameter limit: symptoms that are told.
    static func evidence(
        of run: TestResult.JudgedRun, in folder: String, limit: Int
    ) -> VerdictText.Evidence {
        let path = "\(folder)/\(run.folder)"
        var evidence = VerdictText.Evidence(
            run: run, folder: path, timelines: [], note: nil, limit: limit)
        let groups = SymptomGroup.groups(run.judgement.symptoms)
        let subjects = groups.prefix(limit).map(\.first.timelineSubject)
        guard !subjects.isEmpty else { return evidence }
        var collector = TimelineCollector(subjects)
        do {
            var reader = try RecordingFile.reader(.path(path + "/replay.weir"))
            _ = try reader.scan { event, bytes, _ in
                collector.receive(event, bytes)
                return true
            }
            evidence.timelines = collector.timelines()
        } catch {
            // The verdict stands without it.
            evidence.note = "cannot be shown: \(error)"
        }
        return evidence
    }
}
