// SPDX-License-Identifier: GPL-3.0-or-later

/// The command lines of apt for source packages, and their output: with the machine's own
/// configuration, or with a private one that leaves the machine's own unchanged.
struct Apt: Sendable, Equatable {
    /// The directory of a private configuration; nil for the machine's own.
    private(set) var directory: String?
    /// The content of a private `sources.list`.
    private(set) var list = ""

    /// Suites that may have what the machine's own lack, in the order of trial.
    static let suites = ["trixie-backports", "forky", "sid"]

    /// The keys that sign every Debian suite.
    static let keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

    /// The machine's own configuration.
    init() {}

    /// A private configuration: its own lists and cache, one suite of a mirror.
    ///
    /// - Parameter keyring: the keys that sign the suite; nil for those that apt trusts by default.
    init(directory: String, mirror: String, suite: String, keyring: String?) {
        self.directory = directory
        let signed = keyring.map { " [signed-by=\($0)]" } ?? ""
        list = "deb\(signed) \(mirror) \(suite) main\n"
    }

    private var options: [String] {
        guard let directory else { return [] }
        return [
            "Dir::Etc::sourcelist=\(directory)/sources.list", "Dir::Etc::sourceparts=-",
            "Dir::State=\(directory)/state", "Dir::State::status=/var/lib/dpkg/status",
            "Dir::Cache=\(directory)/cache", "Acquire::Languages=none",
        ].flatMap { ["-o", $0] }
    }

    var update: [String] { ["apt-get"] + options + ["-q", "update"] }

    /// Shows the candidate version.
    func policy(_ package: String) -> [String] { ["apt-cache"] + options + ["policy", package] }

    /// Downloads a package into the working directory, which apt's own user cannot write to.
    func download(_ package: String, version: String) -> [String] {
        ["apt-get"] + options
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
        let words = lines.map { line in line.split(separator: " ").map(String.init) }
        return words.first { $0.count == 2 && $0[0] == "Candidate:" && $0[1] != "(none)" }?[1]
    }
}
