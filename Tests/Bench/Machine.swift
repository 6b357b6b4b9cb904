import Foundation

/// What the figures depend on beside the programs.
enum Machine {
    static var description: String {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return [
            "kernel \(line(of: "/proc/sys/kernel/osrelease") ?? "unknown")",
            "\(cores) core\(cores == 1 ? "" : "s")",
            processor,
            "congestion control "
                + (line(of: "/proc/sys/net/ipv4/tcp_congestion_control") ?? "unknown"),
            // What else went on: above the number of cores the figures say little.
            "load \(line(of: "/proc/loadavg")?.split(separator: " ").first ?? "unknown")",
        ].compactMap(\.self).joined(separator: ", ")
    }

    private static var processor: String? {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let row = info.split(separator: "\n").first { $0.hasPrefix("model name") }
        return row?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private static func line(of path: String) -> String? {
        let text = try? String(contentsOfFile: path, encoding: .utf8)
        return text?.split(separator: "\n").first.map(String.init)
    }
}
