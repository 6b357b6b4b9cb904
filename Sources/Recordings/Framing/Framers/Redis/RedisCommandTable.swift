/// The commands a Redis framer knows by name: a bounded set, so naming a message costs nothing.
struct RedisCommandTable: Sendable {
    /// What a command does to the conversation, beyond being answered once.
    enum Effect: UInt8, Sendable {
        case none
        /// An empty command: Redis ignores it and answers nothing.
        case nothing
        case authenticate, hello, select, client, readMode, reset, monitor
        case subscribe, patternSubscribe, shardSubscribe
        case unsubscribe, patternUnsubscribe, shardUnsubscribe
        case multi, endTransaction
        /// The server answers with a stream that is not RESP.
        case replicate

        /// Whether what it does depends on its arguments.
        var needsArguments: Bool {
            switch self {
            case .none, .nothing, .authenticate, .select, .readMode, .reset, .monitor, .multi,
                .endTransaction, .replicate:
                false
            case .hello, .client, .subscribe, .patternSubscribe, .shardSubscribe, .unsubscribe,
                .patternUnsubscribe, .shardUnsubscribe:
                true
            }
        }
    }

    struct Command: Sendable {
        var name: String
        var effect: Effect
        fileprivate(set) var word: ShortWord
    }

    /// What any other name is called.
    static let other = Command(name: "other", effect: .none, word: ShortWord())
    static let empty = Command(name: "empty", effect: .nothing, word: ShortWord())
    static let shared = RedisCommandTable()

    private static let slotCount = 2048
    private let commands: [Command]
    /// Open addressing: an index into `commands`, plus 1; 0 is free.
    private let slots: [UInt16]

    private init() {
        var commands: [Command] = []
        var slots = [UInt16](repeating: 0, count: Self.slotCount)
        for name in Self.names.split(whereSeparator: \.isWhitespace).map(String.init) {
            let command = Command(
                name: name, effect: Self.effects[name] ?? .none, word: ShortWord(name))
            commands.append(command)
            var slot = command.word.hash & (Self.slotCount - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (Self.slotCount - 1) }
            slots[slot] = UInt16(commands.count)
        }
        self.commands = commands
        self.slots = slots
    }

    func find(_ word: borrowing ShortWord) -> Command {
        var slot = word.hash & (Self.slotCount - 1)
        while slots[slot] != 0 {
            let command = commands[Int(slots[slot]) - 1]
            if command.word == word { return command }
            slot = (slot + 1) & (Self.slotCount - 1)
        }
        return word.isEmpty ? Self.empty : Self.other
    }

    /// All names that `find` can give, without `other` and `empty`.
    var allNames: [String] { commands.map(\.name) }

    private static let effects: [String: Effect] = [
        "AUTH": .authenticate, "HELLO": .hello, "SELECT": .select, "CLIENT": .client,
        "READONLY": .readMode, "READWRITE": .readMode, "RESET": .reset, "MONITOR": .monitor,
        "SUBSCRIBE": .subscribe, "PSUBSCRIBE": .patternSubscribe, "SSUBSCRIBE": .shardSubscribe,
        "UNSUBSCRIBE": .unsubscribe, "PUNSUBSCRIBE": .patternUnsubscribe,
        "SUNSUBSCRIBE": .shardUnsubscribe,
        "MULTI": .multi, "EXEC": .endTransaction, "DISCARD": .endTransaction,
        "SYNC": .replicate, "PSYNC": .replicate,
    ]

    /// Redis 8's commands, and the most used of its modules'.
    private static let names = """
        ACL APPEND ASKING AUTH BGREWRITEAOF BGSAVE BITCOUNT BITFIELD BITFIELD_RO BITOP BITPOS
        BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN CLIENT CLUSTER COMMAND
        CONFIG COPY DBSIZE DEBUG DECR DECRBY DEL DISCARD DUMP ECHO EVAL EVALSHA EVALSHA_RO
        EVAL_RO EXEC EXISTS EXPIRE EXPIREAT EXPIRETIME FAILOVER FCALL FCALL_RO FLUSHALL FLUSHDB
        FUNCTION GEOADD GEODIST GEOHASH GEOPOS GEORADIUS GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO
        GEORADIUS_RO GEOSEARCH GEOSEARCHSTORE GET GETBIT GETDEL GETEX GETRANGE GETSET HDEL HELLO
        HEXISTS HEXPIRE HEXPIREAT HEXPIRETIME HGET HGETALL HGETDEL HGETEX HINCRBY HINCRBYFLOAT
        HKEYS HLEN HMGET HMSET HPERSIST HPEXPIRE HPEXPIREAT HPEXPIRETIME HPTTL HRANDFIELD HSCAN
        HSET HSETEX HSETNX HSTRLEN HTTL HVALS INCR INCRBY INCRBYFLOAT INFO KEYS LASTSAVE LATENCY
        LCS LINDEX LINSERT LLEN LMOVE LMPOP LOLWUT LPOP LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM
        MEMORY MGET MIGRATE MODULE MONITOR MOVE MSET MSETNX MULTI OBJECT PERSIST PEXPIRE
        PEXPIREAT PEXPIRETIME PFADD PFCOUNT PFDEBUG PFMERGE PFSELFTEST PING PSETEX PSUBSCRIBE
        PSYNC PTTL PUBLISH PUBSUB PUNSUBSCRIBE QUIT RANDOMKEY READONLY READWRITE RENAME RENAMENX
        REPLCONF REPLICAOF RESET RESTORE RESTORE-ASKING ROLE RPOP RPOPLPUSH RPUSH RPUSHX SADD
        SAVE SCAN SCARD SCRIPT SDIFF SDIFFSTORE SELECT SENTINEL SET SETBIT SETEX SETNX SETRANGE
        SHUTDOWN SINTER SINTERCARD SINTERSTORE SISMEMBER SLAVEOF SLOWLOG SMEMBERS SMISMEMBER
        SMOVE SORT SORT_RO SPOP SPUBLISH SRANDMEMBER SREM SSCAN SSUBSCRIBE STRLEN SUBSCRIBE
        SUBSTR SUNION SUNIONSTORE SUNSUBSCRIBE SWAPDB SYNC TIME TOUCH TTL TYPE UNLINK
        UNSUBSCRIBE UNWATCH VADD VCARD VDIM VEMB VGETATTR VINFO VISMEMBER VLINKS VRANDMEMBER
        VREM VSETATTR VSIM WAIT WAITAOF WATCH XACK XACKDEL XADD XAUTOCLAIM XCLAIM XDEL XDELEX
        XGROUP XINFO XLEN XPENDING XRANGE XREAD XREADGROUP XREVRANGE XSETID XTRIM ZADD ZCARD
        ZCOUNT ZDIFF ZDIFFSTORE ZINCRBY ZINTER ZINTERCARD ZINTERSTORE ZLEXCOUNT ZMPOP ZMSCORE
        ZPOPMAX ZPOPMIN ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANGESTORE ZRANK ZREM
        ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYLEX
        ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNION ZUNIONSTORE

        BF.ADD BF.EXISTS BF.INFO BF.INSERT BF.MADD BF.MEXISTS BF.RESERVE CF.ADD CF.DEL CF.EXISTS
        CMS.INCRBY CMS.QUERY FT.AGGREGATE FT.CREATE FT.CURSOR FT.DROPINDEX FT.INFO FT.SEARCH
        FT._LIST JSON.ARRAPPEND JSON.ARRINDEX JSON.ARRINSERT JSON.ARRLEN JSON.ARRPOP
        JSON.ARRTRIM JSON.CLEAR JSON.DEL JSON.GET JSON.MERGE JSON.MGET JSON.MSET JSON.NUMINCRBY
        JSON.OBJKEYS JSON.OBJLEN JSON.SET JSON.STRLEN JSON.TOGGLE JSON.TYPE TDIGEST.ADD
        TDIGEST.QUANTILE TOPK.ADD TOPK.LIST TS.ADD TS.CREATE TS.DEL TS.GET TS.INCRBY TS.INFO
        TS.MADD TS.MGET TS.MRANGE TS.RANGE TS.REVRANGE
        """
}
