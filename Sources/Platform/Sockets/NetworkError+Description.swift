import Glibc

extension NetworkError: CustomStringConvertible {
    /// `cannot listen on 127.0.0.1:80: permission denied; ports below 1024 are for root, …`.
    package var description: String {
        let verb = doing == "listen" ? "listen on" : doing
        return "cannot \(verb) \(address): \(errno)" + (advice.map { "; \($0)" } ?? "")
    }

    private var advice: String? {
        let isPath = address.contains("/")
        switch errno.code {
        case EADDRINUSE where isPath: return "another process has it; choose another path"
        case EADDRINUSE: return "choose another port, or 0 for any that is free"
        case EACCES where isPath: return "check who may write to its folder"
        case EACCES: return "ports below 1024 are for root; choose a higher one"
        case EADDRNOTAVAIL: return "it is none of this machine's addresses; see ip address"
        case ENOENT: return "make its folder first"
        case EINVAL where isPath: return "a socket's path has at most 107 bytes"
        case EMFILE: return "raise the limit on open files (ulimit -n)"
        default: return nil
        }
    }
}
