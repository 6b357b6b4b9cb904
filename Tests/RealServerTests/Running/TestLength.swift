import Foundation

/// How long tests may take that have a longer version.
enum TestLength {
    /// `WEIR_LONG=1 Scripts/test RealServerTests`: what takes minutes is done too.
    static let isLong = ProcessInfo.processInfo.environment["WEIR_LONG"] == "1"
}
