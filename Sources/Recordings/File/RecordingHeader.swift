/// What a recording says of itself, in its first block.
package struct RecordingHeader: Hashable, Sendable {
    /// Nanoseconds since 1970 (UTC) when the session started.
    package var wallClockStart: Int64
    /// The monotonic clock at that moment, in nanoseconds.
    package var monotonicStart: Int64
    package var toolVersion: String
    /// The protocol, as `--protocol` takes it; nil: to be detected.
    package var protocolText: String?
    /// Events name a route by its place in this list.
    package var routes: [Route]
    /// Anything else worth knowing: `command`, `written`, ….
    package var notes: [Note]

    package struct Route: Hashable, Sendable {
        package var name: String
        package var listen: String
        package var upstream: String

        package init(name: String, listen: String, upstream: String) {
            self.name = name
            self.listen = listen
            self.upstream = upstream
        }
    }

    package struct Note: Hashable, Sendable {
        package var key: String
        package var value: String

        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    package init(
        wallClockStart: Int64 = 0, monotonicStart: Int64 = 0, toolVersion: String = "",
        protocolText: String? = nil, routes: [Route] = [], notes: [Note] = []
    ) {
        self.wallClockStart = wallClockStart
        self.monotonicStart = monotonicStart
        self.toolVersion = toolVersion
        self.protocolText = protocolText
        self.routes = routes
        self.notes = notes
    }

    /// The value of the first note with this key.
    package func note(_ key: String) -> String? { notes.first { $0.key == key }?.value }

    // MARK: - In the file: a tag (UInt16), a length (UInt32) and so many bytes, over and over

    private enum Tag: UInt16 {
        case wallClockStart = 1
        case monotonicStart = 2
        case toolVersion = 3
        case protocolText = 4
        case route = 5
        case note = 6
    }

    private static let tagLength = 6

    private var fields: [(tag: Tag, number: Int64?, texts: [String])] {
        var fields: [(tag: Tag, number: Int64?, texts: [String])] = [
            (.wallClockStart, wallClockStart, []), (.monotonicStart, monotonicStart, []),
            (.toolVersion, nil, [toolVersion]),
        ]
        if let protocolText { fields.append((.protocolText, nil, [protocolText])) }
        for route in routes {
            fields.append((.route, nil, [route.name, route.listen, route.upstream]))
        }
        for note in notes { fields.append((.note, nil, [note.key, note.value])) }
        return fields
    }

    /// Writes it at `offset`.
    /// - Returns: where it ends; nil when there is not enough room.
    func encode(into block: inout MutableSpan<UInt8>, at offset: Int) -> Int? {
        var place = offset
        for field in fields {
            let length =
                field.number.map { _ in 8 }
                ?? field.texts.reduce(0) { $0 + 2 + EventLayout.fitting($1).utf8.count }
            guard Self.tagLength + length <= block.count - place else { return nil }
            block.store(field.tag.rawValue, at: &place)
            block.store(UInt32(clamping: length), at: &place)
            if let number = field.number { block.store(number, at: &place) }
            for text in field.texts { block.store(text, at: &place) }
        }
        return place
    }

    /// Reads it back; nil when the bytes make no sense. Unknown tags are skipped.
    static func decode(_ bytes: Span<UInt8>, _ range: Range<Int>) -> RecordingHeader? {
        var header = RecordingHeader()
        var cursor = FieldCursor(range)
        while !cursor.isAtEnd {
            guard let tag = cursor.integer(bytes, UInt16.self),
                let length = cursor.integer(bytes, UInt32.self),
                let place = cursor.take(Int(length))
            else { return nil }
            guard let tag = Tag(rawValue: tag) else { continue }
            var field = FieldCursor(place)
            guard header.take(tag, bytes, &field) else { return nil }
        }
        return header
    }

    private mutating func take(
        _ tag: Tag, _ bytes: Span<UInt8>, _ field: inout FieldCursor
    ) -> Bool {
        switch tag {
        case .wallClockStart, .monotonicStart:
            guard let number = field.integer(bytes, Int64.self) else { return false }
            if tag == .wallClockStart { wallClockStart = number } else { monotonicStart = number }
        case .toolVersion, .protocolText:
            guard let text = field.text(bytes) else { return false }
            if tag == .toolVersion { toolVersion = text } else { protocolText = text }
        case .route:
            guard let name = field.text(bytes), let listen = field.text(bytes),
                let upstream = field.text(bytes)
            else { return false }
            routes.append(Route(name: name, listen: listen, upstream: upstream))
        case .note:
            guard let key = field.text(bytes), let value = field.text(bytes) else { return false }
            notes.append(Note(key: key, value: value))
        }
        return true
    }
}
