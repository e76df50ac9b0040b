// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Linux
import Remotes
import TestSupport

/// An sshd that does not start.
package struct NoServer: Error {
    /// What it wrote.
    package let log: String
}

/// An sshd of this machine on loopback, or in a network of its own, with keys and a configuration of
/// its own; it ends with its value.
package final class SSHServer {
    /// Debian's sshd.
    package static let program = "/usr/sbin/sshd"
    /// Whether OpenSSH's server and clients are here.
    package static let isInstalled =
        SystemFile.exists(program) && SystemFile.exists("/usr/bin/ssh-keygen")
        && SystemFile.exists("/usr/bin/ssh")
    /// What to say where they are not.
    package static let reason = "openssh-server is not installed: run `make setup`"

    /// Where all its files are.
    package let directory: String
    /// The address where it listens.
    package let host: String
    /// The port where it listens.
    package private(set) var port = 0
    /// Whose login it serves: the user of this process, or one that exists for the server alone.
    private let user: String?
    private var process: ChildProcess?
    /// Where it is; nil for loopback.
    private let network: NetworkNamespace?
    /// Mounts what only it and its programs see.
    private let mounting: String?

    /// What a server with a user of its own needs, in words; nil where it is here.
    package static let missingForUsers: String? =
        ChildProcess.userID != 0
        ? "a user of its own needs root"
        : SystemFile.exists("/usr/bin/sudo") ? nil : "sudo is not installed: run `make setup`"

    /// Starts one.
    ///
    /// - Parameters:
    ///   - host: an address of loopback.
    ///   - command: a shell program that runs in the place of every command, which it finds in
    ///     SSH_ORIGINAL_COMMAND.
    ///   - network: where it listens, instead of on loopback.
    ///   - mounting: a shell program that runs in its directory and mounts what only it sees; its
    ///     directory is not in /tmp then.
    ///   - user: the name of a user without rights but to use sudo without a password. No one but
    ///     the server knows the user.
    package init(
        host: String = "127.0.0.1", command: String? = nil, network: NetworkNamespace? = nil,
        mounting: String? = nil, user: String? = nil
    ) throws {
        self.host = network?.host ?? host
        self.network = network
        self.mounting = mounting
        self.user = user
        directory =
            (mounting == nil ? "/tmp" : "/var/tmp")
            + "/plumbline-sshd-\(UInt32.random(in: 0 ... .max))"
        for name in ["", "/run", "/cache", "/home"] {
            try SystemFile.makeDirectory(directory + name, mode: 0o700)
        }
        if ChildProcess.userID == 0 { try SystemFile.makeDirectories("/run/sshd", mode: 0o755) }
        for name in ["host", "user", "stranger"] {
            _ = try Command.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(directory)/\(name)"])
        }
        var prefix = ""
        if let command {
            try write("#!/bin/sh\n\(command)\n", to: "command", mode: 0o700)
            prefix = "command=\"\(directory)/command\" "
        }
        try write(prefix + SystemFile.read("\(directory)/user.pub"), to: "authorized_keys")
        if let user { try make(user) }
        try start()
        let key = try SystemFile.read("\(directory)/host.pub")
        try write("[\(self.host)]:\(port) \(key)", to: "known_hosts")
        try write("", to: "nobody_known")
        _ = try client()
    }

    deinit {
        stop()
        _ = try? Command.run(["rm", "-rf", directory])
    }

    /// The address that plumbline is given.
    package var address: SSHAddress {
        get throws {
            let place = host.contains(":") ? "[\(host)]" : host
            return try SSHAddress("ssh://\(user.map { "\($0)@" } ?? "")\(place):\(port)")
        }
    }

    /// Makes a configuration for ssh, and returns its path.
    @discardableResult
    package func client(key: String = "user", known: String = "known_hosts") throws -> String {
        let name = "config-\(key)-\(known)"
        let text = """
            Host *
              IdentityFile \(directory)/\(key)
              IdentitiesOnly yes
              UserKnownHostsFile \(directory)/\(known)
              GlobalKnownHostsFile /dev/null
              StrictHostKeyChecking yes

            """
        if !SystemFile.exists("\(directory)/\(name)") { try write(text, to: name) }
        return "\(directory)/\(name)"
    }

    /// Ends the server, and its connections with it.
    package func stop() {
        guard let process else { return }
        let open = connections
        self.process = nil
        try? process.kill(ChildProcess.terminateSignal)
        _ = try? process.wait()
        for id in open { try? ChildProcess(id: id).kill() }
    }

    /// Starts it again after `stop`, at the same address.
    package func resume() throws { try start(at: port) }

    /// Kills the processes that serve connections: what runs for them goes on without them.
    package func cut() {
        for id in connections { try? ChildProcess(id: id).kill() }
    }

    /// The processes that serve connections.
    package var connections: [Int32] { process.map { Self.children(of: $0.id) } ?? [] }

    /// What is left in the directory in which agents are put first.
    package var leavings: [String] { (try? SystemFile.list("\(directory)/run")) ?? [] }

    /// The processes that run a file in the server's directories.
    package var agents: [Int32] {
        ((try? SystemFile.list("/proc")) ?? []).compactMap { name in
            guard let id = Int32(name),
                let file = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/\(name)/exe"), file.hasPrefix(directory)
            else { return nil }
            return id
        }
    }

    private static func children(of parent: Int32) -> [Int32] {
        ((try? SystemFile.list("/proc")) ?? []).compactMap { name in
            guard let id = Int32(name), let stat = try? SystemFile.read("/proc/\(name)/stat"),
                let close = stat.lastIndex(of: ")")
            else { return nil }
            let fields = stat[stat.index(after: close)...].split(separator: " ")
            return fields.count > 1 && Int32(fields[1]) == parent ? id : nil
        }
    }

    private var words: [String] {
        let sshd = [Self.program, "-D", "-e", "-f", "\(directory)/sshd_config"]
        let users = user.map { _ in Self.usersMounting }
        let mounts = [mounting, users].compactMap { $0 }.joined(separator: "\n")
        guard !mounts.isEmpty else { return (network?.enter ?? []) + sshd }
        let script = "cd '\(directory)' && { \(mounts)\n} && exec \"$@\""
        return (network?.enter ?? [])
            + ["unshare", "-m", "--propagation", "private", "sh", "-ec", script, "sh"] + sshd
    }

    /// Has the server's own files of users name another one.
    private func make(_ user: String) throws {
        let id = 47_000
        for (name, line) in [
            ("passwd", "\(user):x:\(id):\(id)::\(directory)/home:/bin/sh\n"),
            ("shadow", "\(user):*:19000:0:99999:7:::\n"), ("group", "\(user):x:\(id):\n"),
        ] {
            let text = try SystemFile.read("/etc/\(name)")
            try write(text + line, to: name, mode: name == "shadow" ? 0o600 : 0o644)
        }
        try write("\(user) ALL=(ALL) NOPASSWD: ALL\n", to: "sudoers", mode: 0o440)
        for words in [
            ["chmod", "711", directory], ["chmod", "644", "\(directory)/authorized_keys"],
            ["chown", "\(id):\(id)"] + ["run", "cache", "home"].map { "\(directory)/\($0)" },
        ] { _ = try Command.run(words) }
    }

    /// Has /etc show the server's own files of users.
    private static let usersMounting =
        #"for name in passwd shadow group sudoers; do mount --bind "$name" "/etc/$name"; done"#

    private func start(at fixed: Int? = nil) throws {
        for _ in 0..<20 {
            port = fixed ?? Int.random(in: 20000...32000)
            let settings = """
                Port \(port)
                ListenAddress \(host)
                HostKey \(directory)/host
                PidFile none
                AuthorizedKeysFile \(directory)/authorized_keys
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                PermitRootLogin yes
                MaxStartups 100
                MaxSessions 20
                SetEnv XDG_RUNTIME_DIR=\(directory)/run XDG_CACHE_HOME=\(directory)/cache

                """
            try write(settings, to: "sshd_config")
            try write("", to: "log")
            let log = try Descriptor.open("\(directory)/log", [.write, .append])
            let process = try Command.spawn(words, output: log)
            self.process = process
            var isUp = false
            try eventually("sshd listens") {
                isUp = try SystemFile.read("\(directory)/log").contains("Server listening")
                if isUp { return true }
                return try process.wait(noHang: true) != nil
            }
            if isUp { return }
            self.process = nil
        }
        throw NoServer(log: try SystemFile.read("\(directory)/log"))
    }

    private func write(_ text: String, to name: String, mode: UInt32 = 0o600) throws {
        let file = try Descriptor.open(
            "\(directory)/\(name)", [.write, .create, .truncate], mode: mode)
        try file.writeAll(text)
    }
}
