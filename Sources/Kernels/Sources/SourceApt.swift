// SPDX-License-Identifier: GPL-3.0-or-later

/// The command lines of apt for Debian's source packages, and their output: with the machine's own
/// configuration, or with a private one that leaves the machine's own unchanged.
enum SourceApt {
    /// A private configuration: its own lists and cache, one suite of the machine's own mirror.
    struct Private: Sendable, Equatable {
        var directory: String
        /// The mirror's URL.
        var mirror: String
        /// The suite, such as `sid`.
        var suite: String
        /// The keys that sign it; nil for those that apt trusts by default.
        var keyring: String?

        var list: String {
            let signed = keyring.map { " [signed-by=\($0)]" } ?? ""
            return "deb\(signed) \(mirror) \(suite) main\n"
        }

        var listPath: String { "\(directory)/sources.list" }

        var directories: [String] {
            ["state/lists/partial", "cache/archives/partial"].map { "\(directory)/\($0)" }
        }

        fileprivate var options: [String] {
            [
                "-o", "Dir::Etc::sourcelist=\(listPath)", "-o", "Dir::Etc::sourceparts=-",
                "-o", "Dir::State=\(directory)/state",
                "-o", "Dir::State::status=/var/lib/dpkg/status",
                "-o", "Dir::Cache=\(directory)/cache", "-o", "Acquire::Languages=none",
            ]
        }
    }

    /// Suites that may have what the machine's own lack, in the order of trial.
    static let suites = ["trixie-backports", "forky", "sid"]

    /// The keys that sign every Debian suite.
    static let keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

    static func update(_ config: Private) -> [String] {
        ["apt-get"] + config.options + ["-q", "update"]
    }

    static func policy(_ package: String, _ config: Private?) -> [String] {
        ["apt-cache"] + (config?.options ?? []) + ["policy", package]
    }

    /// Downloads a package into the working directory, which apt's own user cannot write to.
    static func download(_ package: String, version: String, _ config: Private?) -> [String] {
        ["apt-get"] + (config?.options ?? [])
            + ["-q", "-o", "APT::Sandbox::User=root", "download", "\(package)=\(version)"]
    }

    /// Lists the mirrors of the machine's own configuration.
    static let targets = [
        "apt-get", "indextargets", "--format", "$(REPO_URI) $(COMPONENT)", "Created-By: Packages",
    ]

    /// Debian's own mirror in the output of `targets`; the security mirror has no newer suites.
    static func mirror(in lines: [String]) -> String? {
        let addresses = lines.compactMap { line -> String? in
            let words = line.split(separator: " ")
            return words.count == 2 && words[1] == "main" ? String(words[0]) : nil
        }
        return addresses.first { $0.hasSuffix("/debian") || $0.hasSuffix("/debian/") }
            ?? addresses.first { !$0.contains("security") }
    }

    /// The candidate in the output of `policy`; nil for none.
    static func candidate(in lines: [String]) -> String? {
        let candidate = lines.map { $0.split(separator: " ") }
            .first { $0.count == 2 && $0[0] == "Candidate:" && $0[1] != "(none)" }
        return candidate.map { String($0[1]) }
    }
}
