import Recordings
import Text

/// A recording's overview for machines: what `weir show FILE --json` prints.
package struct OverviewJSON: Sendable {
    package static let version = 1

    private let overview: RecordingOverview

    package init(_ overview: RecordingOverview) { self.overview = overview }

    /// One object, with its line's end.
    package var text: String {
        let summary = overview.summary
        return JSONWriter.document(version: Self.version) { object in
            object.member("file", overview.path)
            object.member("state", overview.state.rawValue)
            object.member("has_holes", overview.hasHoles)
            object.member("framing", overview.framing)
            write(overview.header, to: &object)
            object.member("first_ns", summary.notes.first?.nanoseconds)
            object.member("last_ns", summary.notes.last?.nanoseconds)
            object.member("events", summary.notes.events)
            object.member("refused", summary.refusals)
            object.member("gaps", overview.gaps)
            object.member("missing_bytes", overview.missingBytes)
            object.member("damages", overview.damages.map { "\($0)" })
            object.member("connections", objects: summary.connections, write)
        }
    }

    private func write(_ header: RecordingHeader, to object: inout JSONWriter) {
        object.member("begun", Timestamp(nanoseconds: header.wallClockStart))
        object.member("tool_version", header.toolVersion)
        object.member("protocol", header.protocolText)
        object.member("routes", objects: header.routes) { route, object in
            object.member("name", route.name)
            object.member("listen", route.listen)
            object.member("upstream", route.upstream)
        }
    }

    private func write(
        _ connection: RecordingSummary.Connection, to object: inout JSONWriter
    ) {
        object.member("connection", connection.number)
        object.member("attempt", connection.attempt)
        object.member("client", connection.client)
        object.member("server", connection.server)
        object.member("opened_ns", connection.opened?.nanoseconds)
        object.member("ended_ns", connection.ended?.nanoseconds)
        object.member("ended", connection.ending.description)
        for direction in Direction.allCases {
            let link = connection[direction]
            object.member(
                direction.name,
                object: { object in
                    object.member("bytes", link.bytes)
                    object.member("chunks", link.chunks)
                    object.member("messages", link.messages)
                    object.member("gaps", link.gaps)
                    object.member("missing_bytes", link.missingBytes)
                    object.member("stalls", link.stalls)
                    object.member("opaque", link.opaque)
                })
        }
        object.member("gaps", connection.gaps)
        object.member("authentication", connection.hasAuthentication)
    }
}
