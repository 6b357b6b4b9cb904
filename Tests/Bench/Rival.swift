import Foundation

/// One who stands between client and server in the race, or nobody.
struct Rival {
    var name: String
    /// The command line that forwards `listen` to `upstream`; nil goes straight to the server.
    var command: ((Course) throws(BenchError) -> [String])?

    /// What a rival is started with.
    struct Course {
        var listen: UInt16
        var upstream: UInt16
        /// A new folder for this start alone, removed after it; the disk's or the tmpfs's.
        var folder: URL
        var tmpfsFolder: URL?
        var weir: String
    }

    /// In the order of the table's rows. The yardstick is `haproxy`.
    static var all: [Rival] {
        [
            Rival(name: "direct"),
            Rival(name: "weir, not recording") { relay($0, recording: false) },
            Rival(name: "weir, blocks thrown away") { relay($0, recording: true) },
            Rival(name: "weir record, to tmpfs") { course throws(BenchError) in
                guard let folder = course.tmpfsFolder else {
                    throw BenchError("there is no /dev/shm")
                }
                return record(course, to: folder)
            },
            Rival(name: "weir record, to disk") { record($0, to: $0.folder) },
            Rival(name: yardstick) { course throws(BenchError) in
                try haproxy(course, options: [])
            },
            Rival(name: "haproxy, splice") { course throws(BenchError) in
                try haproxy(course, options: ["option splice-request", "option splice-response"])
            },
            Rival(name: "nginx stream", command: nginx),
            Rival(name: "socat") { course in
                [
                    "socat", "-b", "65536",
                    "TCP-LISTEN:\(course.listen),bind=127.0.0.1,reuseaddr,fork,nodelay,backlog=999",
                    "TCP:127.0.0.1:\(course.upstream),nodelay",
                ]
            },
        ]
    }

    /// All others are given as multiples of it.
    static let yardstick = "haproxy"

    /// This program again: the engine without a command around it.
    private static func relay(_ course: Course, recording: Bool) -> [String] {
        [
            CommandLine.arguments[0], "relay", "\(course.listen)", "\(course.upstream)",
            recording ? "recording" : "passing",
        ]
    }

    private static func record(_ course: Course, to folder: URL) -> [String] {
        [
            course.weir, "record", "--quiet", "--listen", "127.0.0.1:\(course.listen)",
            "--upstream", "127.0.0.1:\(course.upstream)",
            "--output", folder.appending(path: "bench.weir").path,
        ]
    }

    /// One thread, as Weir has.
    private static func haproxy(
        _ course: Course, options: [String]
    ) throws(BenchError) -> [String] {
        let text = """
            global
                nbthread 1
                maxconn 2000
            defaults
                mode tcp
                timeout connect 5s
                timeout client 60s
                timeout server 60s
            listen bench
                bind 127.0.0.1:\(course.listen)
                \(options.joined(separator: "\n    "))
                server upstream 127.0.0.1:\(course.upstream)

            """
        return ["haproxy", "-db", "-f", try write(text, to: "haproxy.cfg", in: course.folder)]
    }

    private static func nginx(_ course: Course) throws(BenchError) -> [String] {
        let text = """
            load_module /usr/lib/nginx/modules/ngx_stream_module.so;
            daemon off;
            master_process off;
            error_log stderr;
            pid \(course.folder.path)/nginx.pid;
            events { worker_connections 2000; }
            stream {
                server {
                    listen 127.0.0.1:\(course.listen);
                    proxy_pass 127.0.0.1:\(course.upstream);
                    proxy_buffer_size 64k;
                }
            }

            """
        return ["nginx", "-c", try write(text, to: "nginx.conf", in: course.folder)]
    }

    private static func write(
        _ text: String, to name: String, in folder: URL
    ) throws(BenchError) -> String {
        let place = folder.appending(path: name)
        do {
            try text.write(to: place, atomically: false, encoding: .utf8)
        } catch {
            throw BenchError("\(place.path): \(error.localizedDescription)")
        }
        return place.path
    }
}
