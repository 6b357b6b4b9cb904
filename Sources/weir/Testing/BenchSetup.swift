import Platform
import Reactions
import Text

/// What a test does around each of its replays.
struct BenchSetup: Sendable {
    /// The program under test and its arguments; nil: it runs already.
    var consumer: [String]?
    /// Puts back what outlives the consumer: a command of the shell, before it is started.
    var reset: String?
    /// Ask what has come of it, after the replay.
    var probes: [Probe] = []
    var health: HealthOption?
    /// Whether it is looked at at all.
    var watchesHealth = true
    /// Who must accept before the replay begins; nil: the consumer.
    var waitFor: AddressText?
    /// Lines of the consumer that say that something is wrong; they are kept beyond the limit too.
    var loudLog = JudgeSettings.builtInLoudLog
    /// What the consumer logs to, where it was started elsewhere.
    var consumerLog: String?
    /// From the end of the last connection to the probes.
    var settle = TimeAmount(nanoseconds: 500_000_000)
    /// How long the consumer may take until it accepts.
    var startTimeout = TimeAmount(nanoseconds: 10_000_000_000)
    /// How long a reset or a probe may take.
    var commandTimeout = TimeAmount(nanoseconds: 30_000_000_000)
}

/// The words that stand for ports in the consumer's command, and in resets, probes and health
/// checks: `{listen}` is where the consumer is to listen, `{upstream}` where Weir does.
struct PortWords {
    private let values: [(name: String, value: String)]

    init(listen: SocketAddress? = nil, upstream: SocketAddress? = nil) {
        var values: [(name: String, value: String)] = []
        if let listen { values.append(("listen", Self.text(listen))) }
        if let upstream { values.append(("upstream", Self.text(upstream))) }
        self.values = values
    }

    /// The port; of a Unix socket, its path.
    private static func text(_ address: SocketAddress) -> String {
        switch address {
        case .unix(let path): path
        case .ipv4, .ipv6: "\(address.port ?? 0)"
        }
    }

    /// With a port for each word, whichever a run will have: only to see what the text is then.
    static func filledForTrial(_ text: String) -> String {
        ["{listen}", "{upstream}"].reduce(text) { $0.replacing($1, with: "1") }
    }

    func filled(_ text: String) -> String {
        values.reduce(text) { $0.replacing("{\($1.name)}", with: $1.value) }
    }

    /// The same as variables: `WEIR_LISTEN`, `WEIR_UPSTREAM`.
    var environment: [(name: String, value: String)] {
        values.map { ("WEIR_\($0.name.uppercased())", $0.value) }
    }
}
