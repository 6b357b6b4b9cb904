import CLinux

/// The machine and what it grants this process.
package enum Machine {
    /// How many processors this process may use.
    package static var processorCount: Int { Int(weir_processor_count()) }

    /// The time that this process has computed so far, on all processors, in nanoseconds.
    package static var processorNanoseconds: Int64 { weir_processor_nanoseconds() }

    /// A number nobody can foresee: to choose a seed, which is then printed.
    package static func randomSeed() throws(Errno) -> UInt64 {
        var seed: UInt64 = 0
        try Errno.check(weir_random(&seed, MemoryLayout<UInt64>.size))
        return seed
    }

    /// Allows as many open descriptors as the system lets this process have (two a connection).
    /// - Returns: how many that is.
    @discardableResult
    package static func raiseDescriptorLimit() throws(Errno) -> Int {
        Int(try Errno.check(weir_raise_descriptor_limit()))
    }
}
