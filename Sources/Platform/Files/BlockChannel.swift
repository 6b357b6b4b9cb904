import CLinux
import Synchronization

/// What goes between the loop and the thread that writes blocks: jobs there, outcomes back.
final class BlockChannel: Sendable {
    enum Job {
        case write(block: Int, count: Int)
        case recover
        case close
        /// Nobody waits for an outcome any more.
        case stop
    }

    enum Outcome {
        case written(block: Int)
        case lost(block: Int, count: Int, Errno)
        case closed(Errno?)
    }

    let memory: BlockMemory
    private let doorbell: Doorbell
    private let jobsHanded: FileDescriptor
    private let jobs = Mutex(Queue<Job>())
    private let outcomes = Mutex(Queue<Outcome>())

    init(memory: BlockMemory, doorbell: Doorbell) throws(Errno) {
        self.memory = memory
        self.doorbell = doorbell
        jobsHanded = try FileDescriptor(result: weir_waiting_eventfd())
    }

    func hand(_ job: Job) {
        jobs.withLock { $0.append(job) }
        _ = weir_eventfd_ring(jobsHanded.raw)
    }

    /// The next job; waits for it.
    func nextJob() -> Job {
        while true {
            if let job = jobs.withLock({ $0.removeFirst() }) { return job }
            _ = weir_eventfd_wait(jobsHanded.raw)
        }
    }

    func handBack(_ outcome: Outcome) {
        outcomes.withLock { $0.append(outcome) }
        doorbell.ring()
    }

    func nextOutcome() -> Outcome? { outcomes.withLock { $0.removeFirst() } }
}

/// First in, first out. Short: as many as a pool has blocks, and a few more.
private struct Queue<Element> {
    private var elements: [Element] = []

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func removeFirst() -> Element? {
        elements.isEmpty ? nil : elements.removeFirst()
    }
}

/// The thread's side: writes what it is handed, in order.
struct BlockWorker: Sendable {
    let channel: BlockChannel
    let file: File
    let offset: Int64

    func run() {
        var output = BlockOutput(file: file, offset: offset)
        while true {
            switch channel.nextJob() {
            case .write(let block, let count):
                let bytes = UnsafeRawBufferPointer(rebasing: channel.memory[block][..<count])
                if let error = output.append(bytes) {
                    channel.handBack(.lost(block: block, count: count, error))
                } else {
                    channel.handBack(.written(block: block))
                }
            case .recover:
                output.failure = nil
            case .close:
                channel.handBack(.closed(output.close()))
                return
            case .stop:
                return
            }
        }
    }
}

/// The file as the thread writes it: where the next block goes, and what went wrong.
struct BlockOutput {
    /// `O_DIRECT` takes only whole multiples of this, from such places.
    static let alignment = 4_096

    private var file: File?
    private var offset: Int64
    /// Where the first block went.
    private let start: Int64
    /// What lost a block: then all after it are lost too.
    var failure: Errno?

    init(file: File, offset: Int64) {
        self.file = file
        self.offset = offset
        start = offset
    }

    /// Appends all bytes, or none and says why.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> Errno? {
        if let failure { return failure }
        guard let file else { return Errno(code: 9) }
        if let trouble = trouble(with: file) {
            failure = trouble
            return trouble
        }
        do throws(FileError) {
            if bytes.count % Self.alignment != 0 { try file.clearDirect() }
            do throws(FileError) {
                try file.write(bytes, at: offset)
            } catch  where error.errno == .invalidArgument {
                // The file system said that it could do without the page cache, and cannot.
                guard try file.clearDirect() else { throw error }
                try file.write(bytes, at: offset)
            }
            offset += Int64(bytes.count)
            return nil
        } catch {
            failure = error.errno
            // The beginning of a block is worth nothing. Where this fails a reader finds it torn.
            try? file.truncate(to: offset)
            return error.errno
        }
    }

    /// What somebody else did to the file meanwhile: then writing would succeed, and be of no use.
    private func trouble(with file: File) -> Errno? {
        // A device has neither names nor a size.
        guard file.isOnDisk else { return nil }
        if file.isRemoved { return .noEntry }
        guard offset > start, let size = try? file.size else { return nil }
        return size < offset ? .cutByOthers : nil
    }

    mutating func close() -> Errno? {
        defer { file = nil }
        if failure == nil, let file, let trouble = trouble(with: file) { return trouble }
        do throws(FileError) {
            try file?.synchronize()
            // What was written to a file that somebody removed is gone with it.
            return file?.isStillThere == false ? .noEntry : nil
        } catch {
            return error.errno
        }
    }
}
