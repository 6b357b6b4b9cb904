/// Which request a message of the server answers, and whether it is the last word.
extension PostgreSQLFramer {
    mutating func roleOfAnswer() -> Message.Role {
        let type = answers.type
        switch type {
        case UInt8(ascii: "N"), UInt8(ascii: "A"): return .unsolicited
        case UInt8(ascii: "Z"): return readyForQuery()
        default: break
        }
        guard !outstanding.isEmpty else { return .unsolicited }
        switch outstanding.first.wait {
        case .encryption:
            // A server from before encryption does not know the request.
            return answer(completes: true, isError: type == UInt8(ascii: "E"))
        case .startUp, .password:
            passOverPasswords()
            return startUpAnswer(type)
        case .query, .sync:
            if type == UInt8(ascii: "S") { return .unsolicited }
            return answer(completes: false, isError: type == UInt8(ascii: "E"))
        case .step: return stepAnswer(type)
        }
    }

    /// The answer to the first request; a last one takes it from those that wait.
    private mutating func answer(completes: Bool, isError: Bool = false) -> Message.Role {
        let number = outstanding.first.number
        if completes { outstanding.removeFirst() }
        return .answer(to: number, completes: completes, isError: isError)
    }

    /// It ends a query, a Sync or the start-up.
    private mutating func readyForQuery() -> Message.Role {
        isInTransaction = answers.kept.first != UInt8(ascii: "I")
        isCopyingIn = false
        while !outstanding.isEmpty && isPassedOver(outstanding.first.wait) {
            outstanding.removeFirst()
        }
        hasFailed = false
        guard !outstanding.isEmpty, outstanding.first.wait != .encryption else {
            return .unsolicited
        }
        passOverPasswords()
        return answer(completes: true)
    }

    /// After an error in the extended protocol a server reads on to the Sync, and answers nothing.
    private func isPassedOver(_ wait: Wait) -> Bool {
        wait == .step || (hasFailed && wait == .query)
    }

    /// A client that sends a second password has had its answer to the first, if GSSAPI's does not
    /// say so.
    private mutating func passOverPasswords() {
        while outstanding.first.wait == .startUp || outstanding.first.wait == .password {
            guard outstanding.count > 1, outstanding.second.wait == .password else { return }
            outstanding.removeFirst()
        }
    }

    private mutating func startUpAnswer(_ type: UInt8) -> Message.Role {
        switch type {
        case UInt8(ascii: "E"):
            return answer(completes: true, isError: true)
        case UInt8(ascii: "R"):
            // One that asks for a password is the last word to what came before that.
            let asks = answers.code.map(Self.asksForPassword) ?? false
            if asks { isChallenged = answers.code != Self.clearText }
            return answer(completes: asks)
        default:
            return answer(completes: false)
        }
    }

    /// All but AuthenticationOk (0), and SASL's last word (12). After GSSAPI's (8) the client may
    /// have to go on or not: that shows when it does.
    private static func asksForPassword(_ code: UInt32) -> Bool {
        code != 0 && code != 8 && code != 12
    }

    private static let clearText: UInt32 = 3

    private mutating func stepAnswer(_ type: UInt8) -> Message.Role {
        switch type {
        case UInt8(ascii: "S"):
            return .unsolicited
        case UInt8(ascii: "E"):
            isCopyingIn = false
            hasFailed = true
            return answer(completes: true, isError: true)
        case UInt8(ascii: "G"):
            startCopyingIn()
            return answer(completes: false)
        case UInt8(ascii: "D"), UInt8(ascii: "t"), UInt8(ascii: "d"), UInt8(ascii: "c"),
            UInt8(ascii: "H"), UInt8(ascii: "W"):
            return answer(completes: false)
        default:
            return answer(completes: true)
        }
    }

    /// The server passes over each Sync that comes before the end of the data.
    private mutating func startCopyingIn() {
        isCopyingIn = true
        var kept: [Request] = []
        while !outstanding.isEmpty {
            if outstanding.first.wait != .sync { kept.append(outstanding.first) }
            outstanding.removeFirst()
        }
        for request in kept { _ = outstanding.append(request) }
    }
}
