// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Linux

/// Finds the agent's executable.
public enum AgentExecutable {
    /// The agent's file name.
    public static let name = "plumbline-agent"

    /// Beside this program, or else in one of the directories of a PATH.
    ///
    /// - Throws: `failure` when it is in neither.
    public static func find(in path: String) throws(PlumblineError) -> String {
        let found = candidates(beside: ownDirectory, path: path).first { isExecutable($0) }
        guard let found else {
            throw .failure(
                "\(name) is neither beside plumbline nor in PATH",
                remedy: "build it with `make build`, or install both with `make install`")
        }
        return found
    }

    /// Where to look, the first place first.
    static func candidates(beside directory: String?, path: String) -> [String] {
        let listed = path.split(separator: ":").map(String.init)
        return ((directory.map { [$0] } ?? []) + listed).map { "\($0)/\(name)" }
    }

    private static func isExecutable(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: path)
    }

    private static var ownDirectory: String? {
        guard let own = try? SystemFile.ownProgram(), let slash = own.lastIndex(of: "/") else {
            return nil
        }
        return String(own[..<slash])
    }
}
