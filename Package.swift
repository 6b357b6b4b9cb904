// swift-tools-version: 6.2

import PackageDescription

/// What decides is pure: values in, values out, and the compiler holds it to safe memory.
let pure: [SwiftSetting] = [.strictMemorySafety(), .treatAllWarnings(as: .error)]

/// What touches the machine, and what brings it all together.
let real: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
    name: "weir",
    products: [.executable(name: "weir", targets: ["weir"])],
    targets: [
        // The story, left to right: sockets, events, recording, plan, replay, reaction, report, you

        // System calls that Swift's Glibc module leaves out.
        .target(name: "CLinux"),

        // CRC-32C with the processor's instruction, and without.
        .target(name: "CChecksum"),

        // Quantities, JSON that keeps order and places, patterns.
        .target(name: "Text", swiftSettings: pure),

        // The machine, typed: the only target that calls the kernel.
        .target(name: "Platform", dependencies: ["CLinux"], swiftSettings: real),

        // What happened: events, the file that holds them, the framers that read them.
        .target(name: "Recordings", dependencies: ["Text", "CChecksum"], swiftSettings: pure),

        // What should go wrong: plans, dice, schedules. No socket, no clock.
        .target(name: "Faults", dependencies: ["Text", "Recordings"], swiftSettings: pure),

        // Making it happen: proxy, recorder, replay.
        .target(
            name: "Engine", dependencies: ["Platform", "Recordings", "Faults"],
            swiftSettings: real),

        // What it meant: reactions, and how they compare.
        .target(
            name: "Reactions", dependencies: ["Text", "Recordings", "Faults"], swiftSettings: pure),

        // Showing it: text and JSON.
        .target(
            name: "Reports", dependencies: ["Text", "Recordings", "Faults", "Reactions"],
            swiftSettings: pure),

        // The commands, and you.
        .executableTarget(
            name: "weir",
            dependencies: [
                "Text", "Platform", "Recordings", "Faults", "Engine", "Reactions", "Reports",
            ],
            swiftSettings: real),

        // A network in memory with virtual time, and peers that follow a script.
        .target(
            name: "Simulation", dependencies: ["Platform", "Recordings", "Engine"],
            path: "Tests/Simulation", swiftSettings: real),

        // Mutated and re-cut input for everything that reads bytes from outside.
        .executableTarget(
            name: "fuzz",
            dependencies: ["Text", "Recordings", "Faults", "Reactions", "Reports"],
            path: "Tests/Fuzz", swiftSettings: real),

        // Weir against others, side by side: what Scripts/bench starts.
        .executableTarget(
            name: "bench", dependencies: ["Platform", "Recordings", "Engine"],
            path: "Tests/Bench", swiftSettings: real),

        .testTarget(name: "TextTests", dependencies: ["Text"], swiftSettings: real),
        .testTarget(
            name: "PlatformTests", dependencies: ["Platform", "CLinux"], swiftSettings: real),
        .testTarget(
            name: "RecordingsTests", dependencies: ["Text", "CChecksum", "Recordings"],
            swiftSettings: real),
        .testTarget(
            name: "FaultsTests", dependencies: ["Text", "Recordings", "Faults"],
            exclude: ["Golden"], swiftSettings: real),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Text", "Platform", "Recordings", "Faults", "Engine", "Reactions", "Simulation",
            ],
            swiftSettings: real),
        .testTarget(
            name: "ReactionsTests", dependencies: ["Text", "Recordings", "Faults", "Reactions"],
            swiftSettings: real),
        .testTarget(
            name: "ReportsTests",
            dependencies: ["Text", "Recordings", "Faults", "Reactions", "Reports"],
            exclude: ["Golden"], swiftSettings: real),

        // The ledger that the demo disturbs, as values and over the network in memory.
        .testTarget(
            name: "DemoTests",
            dependencies: ["Platform", "Recordings", "Faults", "Simulation", "weir"],
            swiftSettings: real),

        // The built binary, as a user runs it.
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Text", "Platform", "Recordings", "Faults", "Reactions", "Reports", "weir",
            ],
            exclude: ["Golden"], swiftSettings: real),

        // The built binary between real servers and their own clients.
        .testTarget(
            name: "RealServerTests",
            dependencies: ["Text", "CLinux", "Platform", "Recordings", "Faults", "weir"],
            swiftSettings: real),

        // The sources themselves: imports, banned names, sizes.
        .testTarget(name: "TidyTests", swiftSettings: real),
    ],
    swiftLanguageModes: [.v6]
)
