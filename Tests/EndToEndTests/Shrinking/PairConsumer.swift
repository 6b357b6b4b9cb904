/// A service of lines with a planted defect: it answers wrongly once two particular lines have both
/// come twice, each of them twice as it is the first time. How many lines it has had stands in the
/// file `count`.
enum PairConsumer {
    /// - Parameters:
    ///   - first: a word of the one line; `second`: of the other.
    ///   - shown: a word of the line whose answer is wrong then.
    static func command(_ first: String, _ second: String, shown: String) -> [String] {
        ["--", "python3", "-c", script, first, second, shown]
    }

    private static let script = """
        import os, socket, sys, threading
        first, second, shown = (word.encode() for word in sys.argv[1:4])
        listener = socket.create_server(("127.0.0.1", int(os.environ["WEIR_LISTEN"])), backlog=64)
        seen, doubled, lock = set(), set(), threading.Lock()
        def serve(connection):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection, connection.makefile("rb") as lines:
                for line in lines:
                    words = line.split()
                    with lock:
                        if line in seen:
                            doubled.update(words)
                        seen.add(line)
                        with open("count", "w") as file:
                            file.write(str(len(seen)))
                        broken = first in doubled and second in doubled
                    wrong = broken and shown in words
                    connection.sendall(b"wrong\\n" if wrong else b"ok\\n")
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()
        """
}
