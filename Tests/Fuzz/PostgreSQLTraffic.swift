import Recordings

/// Messages of PostgreSQL's protocol to feed to a framer.
struct PostgreSQLTraffic {
    private var hasBegun = false

    /// - Parameter isPlain: nothing whose framing depends on the other link, or ends it.
    mutating func message(
        _ direction: Direction, isPlain: Bool, _ dice: inout FuzzDice
    ) -> [UInt8] {
        guard direction == .upstream else {
            // A single byte that answers a request for encryption.
            if !isPlain && dice.isOne(in: 12) { return [dice.pick(Array("SNG".utf8))] }
            return typed(dice.pick(Array("RSKZTDCIENAGHWdc123nstvVZZZ".utf8)), &dice)
        }
        guard hasBegun else {
            let codes: [UInt32] =
                isPlain ? [196_608] : [196_608, 196_610, 80_877_103, 80_877_104, 80_877_102]
            let code = dice.pick(codes)
            hasBegun = code < 200_000
            return number(16) + number(code) + Array("user\0a\0\0".utf8)
        }
        if dice.isOne(in: 4) {
            let queries = [
                "SELECT 1", "SET a = 1", "BEGIN", "COPY t FROM STDIN", "LISTEN a;", "", "RESET ALL",
                "SET a=1;select", "copy \"t;u\" from stdin;",
            ]
            let text = Array(dice.pick(queries).utf8) + [0]
            return [UInt8(ascii: "Q")] + number(text.count + 4) + text
        }
        return typed(dice.pick(Array("PBDECHSSSQFXdcfp".utf8)), &dice)
    }

    private func typed(_ type: UInt8, _ dice: inout FuzzDice) -> [UInt8] {
        var body = (0..<dice.below(dice.isOne(in: 8) ? 2_000 : 12)).map { _ in dice.byte() }
        if type == UInt8(ascii: "R") { body = number(dice.below(14)) + body }
        if type == UInt8(ascii: "Z") { body = [dice.pick(Array("ITE".utf8))] }
        return [type] + number(body.count + 4) + body
    }

    private func number(_ value: some BinaryInteger) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
