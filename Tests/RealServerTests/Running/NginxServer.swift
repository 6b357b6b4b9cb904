import Foundation

/// An nginx of this test alone, on a port that was free, with a site in a folder of its own.
final class NginxServer {
    static var isInstalled: Bool { RunningProgram.areInstalled("nginx", "curl") }

    let port: UInt16
    private let folder: RecordingFolder
    private let program: RunningProgram

    init() throws {
        let folder = try RecordingFolder()
        self.folder = folder
        let uploads = folder.path("site/uploads")
        try FileManager.default.createDirectory(
            atPath: uploads, withIntermediateDirectories: true)
        (port, program) = try FreePort.start(saying: "start worker process") { port in
            let path = folder.path("nginx.conf")
            try Self.configuration(port, folder).write(
                toFile: path, atomically: true, encoding: .utf8)
            return try RunningProgram("nginx", ["-c", path, "-e", "stderr"])
        }
    }

    deinit {
        program.terminate()
        _ = try? program.finish()
    }

    /// A file of the site: `page.html` is served as `/page.html`, and `uploads/` takes PUT.
    func path(_ name: String) -> String { folder.path("site/\(name)") }

    /// A file of the test beside the site.
    func scratch(_ name: String) -> String { folder.path(name) }

    /// What was asked of it: a line a request, with the status and the bytes sent.
    var accessLog: String {
        (try? String(contentsOfFile: folder.path("access.log"), encoding: .utf8)) ?? ""
    }

    /// Runs `curl` on a path of the site over this port: its own, or that of a proxy before it.
    @discardableResult
    static func curl(
        _ port: UInt16, _ path: String, _ options: String...
    ) throws -> (exitCode: Int32, text: String) {
        try RunningProgram.run(
            "curl",
            ["--silent", "--show-error", "--max-time", "100"] + options
                + ["http://127.0.0.1:\(port)\(path)"])
    }

    private static func configuration(_ port: UInt16, _ folder: RecordingFolder) -> String {
        """
        \(getuid() == 0 ? "user root;" : "")
        daemon off;
        worker_processes 1;
        pid \(folder.path("nginx.pid"));
        error_log stderr notice;
        worker_rlimit_nofile 20000;
        events { worker_connections 16000; }
        http {
            access_log \(folder.path("access.log"));
            client_body_temp_path \(folder.path("bodies"));
            proxy_temp_path \(folder.path("proxied"));
            fastcgi_temp_path \(folder.path("fastcgi"));
            uwsgi_temp_path \(folder.path("uwsgi"));
            scgi_temp_path \(folder.path("scgi"));
            client_max_body_size 0;
            client_header_timeout 600s;
            keepalive_timeout 600s;
            keepalive_requests 1000000;
            sendfile on;
            gzip on;
            gzip_types *;
            types { text/html html; }
            server {
                listen 127.0.0.1:\(port) backlog=8192;
                root \(folder.path("site"));
                location /uploads { dav_methods PUT; create_full_put_path on; }
            }
        }
        """
    }
}
