import Platform

ProcessEnvironment.holdStandardFiles()
ProcessEnvironment.ignoreClosedPipes()
ProcessEnvironment.exit(
    Program.run(Array(CommandLine.arguments.dropFirst()), .standard()).rawValue)
