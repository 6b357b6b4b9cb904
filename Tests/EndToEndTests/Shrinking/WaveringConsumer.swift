/// A service of lines that answers one of them wrongly now and then: in the first run in which a
/// line comes twice, and from then on in each in which none does. It looks like a strike's doing.
enum WaveringConsumer {
    /// - Parameter shown: a word of the line whose answer is wrong then.
    static func command(shown: String) -> [String] { ["--", "python3", "-c", script, shown] }

    private static let script = """
        import os, socket, sys, threading
        shown = sys.argv[1].encode()
        listener = socket.create_server(("127.0.0.1", int(os.environ["WEIR_LISTEN"])), backlog=64)
        seen = set()
        def serve(connection):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            doubled = False
            with connection, connection.makefile("rb") as lines:
                for line in lines:
                    doubled = doubled or line in seen
                    seen.add(line)
                    wrong = False
                    if shown in line.split():
                        wrong = doubled != os.path.exists("struck")
                        if doubled:
                            open("struck", "w").close()
                    connection.sendall(b"wrong\\n" if wrong else b"ok\\n")
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()
        """
}
