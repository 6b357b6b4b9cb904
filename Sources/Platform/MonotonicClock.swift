import CLinux

/// The clock that only goes forward.
package enum MonotonicClock {
    /// Nanoseconds since some arbitrary start, the same for all processes until the machine
    /// restarts.
    package static func read() -> MonotonicTime {
        MonotonicTime(nanoseconds: weir_monotonic_nanoseconds())
    }
}

/// The clock on the wall, which may be set.
package enum WallClock {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    package static func read() -> Int64 { weir_wall_nanoseconds() }
}
