import Platform
import Text

/// Follows a file that a consumer logs to: each new line is heard about a tenth of a second later.
///
/// What stood there before is left out. A file that is not there yet, that was cut or replaced, is
/// read from its start.
final class LogFollower: TimerHandler {
    private static let intervalNanoseconds: Int64 = 100_000_000
    /// So much is read at once; the rest has its turn after what else is to be done.
    private static let readBytes = 256 << 10

    private let path: String
    private let network: SystemNetwork
    private let told: (String) -> Void
    private var file: File?
    private var offset: Int64 = 0
    private var lines = LineSplitter()
    private var timer: TimerToken?

    init(
        _ path: String, on network: SystemNetwork, told: @escaping (String) -> Void
    ) throws(Failure) {
        self.path = path
        self.network = network
        self.told = told
        do throws(FileError) {
            if Folder.exists(path) {
                let file = try File.open(path)
                offset = try file.size
                self.file = file
            }
        } catch {
            throw Failure(.usage, "--consumer-log: \(error)")
        }
        schedule()
    }

    /// Reads what is there by now, and no more after that.
    func stop() {
        if let timer { network.cancel(timer) }
        timer = nil
        while readOn() {}
        lines.end(told)
    }

    func timerFired(_ timer: TimerToken) {
        guard timer == self.timer else { return }
        _ = readOn()
        schedule()
    }

    private func schedule() {
        timer = network.schedule(
            at: network.now.advanced(byNanoseconds: Self.intervalNanoseconds), self)
    }

    /// - Returns: whether there may be more.
    private func readOn() -> Bool {
        // A log that cannot be read for now is read when it can.
        do throws(FileError) {
            let size = try file?.size ?? 0
            if file?.isSame(as: path) != true || size < offset { file = nil }
            if file == nil {
                guard Folder.exists(path) else { return false }
                file = try File.open(path)
                offset = 0
            }
            guard let file else { return false }
            return try readOn(file)
        } catch {
            return false
        }
    }

    private func readOn(_ file: File) throws(FileError) -> Bool {
        var buffer = [UInt8](repeating: 0, count: Self.readBytes)
        let read: Result<Int, FileError> = buffer.withUnsafeMutableBytes { bytes in
            do throws(FileError) {
                return .success(try file.read(into: bytes, at: offset))
            } catch {
                return .failure(error)
            }
        }
        let count = try read.get()
        offset += Int64(count)
        buffer.withUnsafeBytes { bytes in
            lines.receive(UnsafeRawBufferPointer(rebasing: bytes[..<count]), told)
        }
        return count == Self.readBytes
    }
}
