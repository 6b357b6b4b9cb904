/// Which Weir this is; recordings and reports keep it.
enum Version {
    static let text = "0.1.0"
}
