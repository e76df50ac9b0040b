// SPDX-License-Identifier: GPL-3.0-or-later

/// How Debian's source packages are got: the machine's own apt, or a private configuration
/// derived from it, which leaves the machine's own untouched.
enum SourceApt {
    /// A private configuration: its own lists and cache, one suite of the machine's own mirror.
    struct Private: Sendable, Equatable {
        /// The directory of the configuration.
        var directory: String
        /// The mirror's address.
        var mirror: String
        /// The suite: `sid`.
        var suite: String
        /// The keys that sign it; nil for those that apt trusts anyway.
        var keyring: String?

        /// The text of its list of sources.
        var list: String {
            let signed = keyring.map { " [signed-by=\($0)]" } ?? ""
            return "deb\(signed) \(mirror) \(suite) main\n"
        }

        /// The file with the list.
        var listPath: String { "\(directory)/sources.list" }

        /// The directories that apt wants to find.
        var directories: [String] {
            ["state/lists/partial", "cache/archives/partial"].map { "\(directory)/\($0)" }
        }

        var options: [String] {
            [
                "-o", "Dir::Etc::sourcelist=\(listPath)", "-o", "Dir::Etc::sourceparts=-",
                "-o", "Dir::State=\(directory)/state",
                "-o", "Dir::State::status=/var/lib/dpkg/status",
                "-o", "Dir::Cache=\(directory)/cache", "-o", "Acquire::Languages=none",
            ]
        }
    }

    /// The suites that may have what the machine's own do not, in the order of trial.
    static let suites = ["trixie-backports", "forky", "sid"]

    /// The keys that sign every Debian suite.
    static let keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

    /// Brings the private lists up to date.
    static func update(_ config: Private) -> [String] {
        ["apt-get"] + config.options + ["-q", "update"]
    }

    /// Asks for the version that would be got.
    static func policy(_ package: String, _ config: Private?) -> [String] {
        ["apt-cache"] + (config?.options ?? []) + ["policy", package]
    }

    /// Gets a package's file into the working directory. As root, apt would warn that its own
    /// user cannot write there.
    static func download(_ package: String, version: String, _ config: Private?) -> [String] {
        ["apt-get"] + (config?.options ?? [])
            + ["-q", "-o", "APT::Sandbox::User=root", "download", "\(package)=\(version)"]
    }

    /// Asks for the mirrors that the machine's own configuration names.
    static let targets = [
        "apt-get", "indextargets", "--format", "$(REPO_URI) $(COMPONENT)", "Created-By: Packages",
    ]

    /// The mirror of Debian itself among what `targets` printed; security has no new suites.
    static func mirror(in lines: [String]) -> String? {
        let addresses = lines.compactMap { line -> String? in
            let words = line.split(separator: " ")
            return words.count == 2 && words[1] == "main" ? String(words[0]) : nil
        }
        func path(_ address: String) -> Substring {
            address.hasSuffix("/") ? address.dropLast() : address[...]
        }
        return addresses.first { path($0).hasSuffix("/debian") }
            ?? addresses.first { !$0.contains("security") }
    }

    /// The candidate in what `policy` printed; nil for none.
    static func candidate(in lines: [String]) -> String? {
        for line in lines {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "Candidate:", words[1] != "(none)" {
                return String(words[1])
            }
        }
        return nil
    }
}
