/// What could not be done with which file, and why.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    package var path: String
    /// The verb, as in `cannot create`.
    package var doing: String
    package var errno: Errno
    /// So many bytes of it are read at most, where that is what it is too large for.
    package var limit: Int?

    package init(_ doing: String, _ path: String, _ errno: Errno, limit: Int? = nil) {
        self.path = path
        self.doing = doing
        self.errno = errno
        self.limit = limit
    }

    /// `cannot create orders.weir: file exists; give --force to replace it`.
    package var description: String {
        let advice = advice.map { "; \($0)" } ?? ""
        return "cannot \(doing) \(path): \(errno)\(advice)"
    }

    /// What is being done when a folder is made.
    static let makeFolder = "make the folder"

    private var advice: String? {
        switch errno {
        case .exists where doing == Self.makeFolder, .notDirectory where doing == Self.makeFolder:
            "a file stands in its place: name another folder"
        case .exists: "give --force to replace it"
        case .noSpace, .quotaExceeded: "make room on the disk"
        case .fileTooLarge where limit != nil:
            "at most \(limit ?? 0) bytes of it are read: it is none of Weir's, name another"
        case .fileTooLarge where doing == "list" || doing == "remove":
            "there is too much in it: name another folder"
        case .fileTooLarge: "raise the limit on file sizes (ulimit -f), or record less"
        case .noEntry where doing == "create": "make its folder first"
        case .noEntry: "check the name"
        case .accessDenied, .notPermitted: "check who may do so (ls -l)"
        case .readOnly: "choose another place"
        case .isDirectory: "name a file"
        case .notSeekable: "it is no file on a disk: copy it to one, and name that"
        case .noDevice, .tooManyLinks, .notDirectory, .nameTooLong: "name another file"
        case .isLocked: "another process is writing it; choose another name"
        default: nil
        }
    }
}

extension Errno {
    package static let accessDenied = Errno(code: 13)
    package static let notPermitted = Errno(code: 1)
    package static let readOnly = Errno(code: 30)
    package static let fileTooLarge = Errno(code: 27)
    package static let quotaExceeded = Errno(code: 122)
    package static let inputOutput = Errno(code: 5)
    package static let isDirectory = Errno(code: 21)
    /// `ESPIPE`: a pipe, a socket or a device is not read and written at places.
    package static let notSeekable = Errno(code: 29)
    /// `ESTALE`: somebody else cut the file while it was being written.
    package static let cutByOthers = Errno(code: 116)
    package static let noDevice = Errno(code: 6)
    package static let tooManyLinks = Errno(code: 40)
    package static let notDirectory = Errno(code: 20)
    package static let nameTooLong = Errno(code: 36)
    /// `ETXTBSY`: the file is locked by another process that writes it.
    package static let isLocked = Errno(code: 26)
}
