import Foundation

/// A service of lines with one habit, in Python: what a shell cannot do.
///
/// It answers each line with `ok` and the number of lines it has had.
struct PythonConsumer {
    static var isInstalled: Bool {
        ["/usr/bin/python3", "/usr/local/bin/python3"].contains {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    static let need = "needs python3"

    /// What it does beside answering.
    enum Habit: String {
        /// Ends with exit code 7 when a line comes twice.
        case crash
        /// Answers nothing more, and keeps the connection open, when a line comes twice.
        case hang
        /// Answers a line that comes twice with an error.
        case refuse
        /// Writes a line that says so when a line comes twice, and counts it.
        case complain
        /// Ignores SIGTERM.
        case stubborn
        /// Takes half a second for a line that comes twice.
        case dawdle
        /// Answers with the number of times it was started, which it keeps in a file.
        case remember
    }

    static func command(_ habit: Habit) -> [String] {
        ["--", "python3", "-c", script, habit.rawValue]
    }

    private static let script = """
        import os, signal, socket, sys, threading, time
        habit = sys.argv[1]
        if habit == "stubborn":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        listener = socket.create_server(("127.0.0.1", int(os.environ["WEIR_LISTEN"])))
        starts = 1
        if habit == "remember":
            with open("starts", "a+") as kept:
                kept.write("x")
                starts = kept.tell()
        seen, lock = set(), threading.Lock()
        def serve(connection):
            with connection, connection.makefile("rwb", buffering=0) as lines:
                for line in lines:
                    with lock:
                        again = line in seen
                        seen.add(line)
                    if again and habit == "crash":
                        print("cannot go on:", line.decode().strip(), flush=True)
                        os._exit(7)
                    if again and habit == "hang":
                        time.sleep(3600)
                    if again and habit == "refuse":
                        lines.write(b"ERROR twice\\n")
                        continue
                    if again and habit == "complain":
                        print("error: twice", line.decode().strip(), file=sys.stderr, flush=True)
                    if again and habit == "dawdle":
                        time.sleep(0.5)
                    lines.write(b"ok %d\\n" % starts)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()
        """
}
