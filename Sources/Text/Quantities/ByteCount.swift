/// A number of bytes: `64B`, `32KiB` (of 1,024), `1MB` (of 1,000,000).
package struct ByteCount: Quantity, Comparable {
    package var bytes: UInt64

    package init(bytes: UInt64) { self.bytes = bytes }

    package static let noun = "a size"
    package static let example = "64KiB"

    package init(parsing text: String) throws(QuantityError) {
        bytes = try Self.amount(text, units: Self.units, smallest: "byte")
    }

    /// With the smallest whole number; of two, the one in powers of 1,024.
    package var description: String {
        guard bytes != 0 else { return "0B" }
        var best = Unit("B", 1)
        for unit in Self.units where bytes % unit.size == 0 && unit.size > best.size {
            let isShorter = bytes / unit.size < bytes / best.size
            if isShorter { best = unit }
        }
        return "\(bytes / best.size)\(best.name)"
    }

    package static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }

    static let units = [
        Unit("B", 1),
        Unit("KiB", 1 << 10), Unit("MiB", 1 << 20), Unit("GiB", 1 << 30), Unit("TiB", 1 << 40),
        Unit("kB", 1_000), Unit("KB", 1_000), Unit("MB", 1_000_000), Unit("GB", 1_000_000_000),
        Unit("TB", 1_000_000_000_000),
    ]
}

/// Bytes a second: `1MB/s`, `64KiB/s`, or in bits `8mbit/s`.
package struct ByteRate: Quantity, Comparable {
    package var bytesPerSecond: UInt64

    package init(bytesPerSecond: UInt64) { self.bytesPerSecond = bytesPerSecond }

    package static let noun = "a rate"
    package static let example = "1MB/s"

    package init(parsing text: String) throws(QuantityError) {
        if let rate = try Self.bits(text) {
            bytesPerSecond = rate
        } else {
            bytesPerSecond = try Self.amount(text, units: Self.units, smallest: "byte")
        }
    }

    package var description: String { "\(ByteCount(bytes: bytesPerSecond))/s" }

    package static func < (left: ByteRate, right: ByteRate) -> Bool {
        left.bytesPerSecond < right.bytesPerSecond
    }

    private static let units = ByteCount.units.map { Unit($0.name + "/s", $0.size) }
    private static let bitUnits = [
        Unit("bit/s", 1), Unit("kbit/s", 1_000), Unit("mbit/s", 1_000_000),
        Unit("Mbit/s", 1_000_000), Unit("gbit/s", 1_000_000_000), Unit("Gbit/s", 1_000_000_000),
    ]

    /// nil where the text is not in bits.
    private static func bits(_ text: String) throws(QuantityError) -> UInt64? {
        guard text.hasSuffix("bit/s") else { return nil }
        let bits = try amount(text, units: bitUnits, smallest: "bit")
        guard bits % 8 == 0 else {
            throw error(text, "is not a whole number of bytes a second", "write a multiple of 8")
        }
        return bits / 8
    }
}
