// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Glibc
import Linux
import Machine
import Protocol
import Reports
import SystemPackage
import Verdicts

/// Where the calibration of each machine is kept, from one command to the next.
package struct CalibrationStore {
    /// The directory; `nil` where the environment names none.
    package let directory: String?

    /// `$XDG_STATE_HOME/plumbline`, else `~/.local/state/plumbline`.
    ///
    /// Source: the XDG Base Directory Specification 0.8.
    package init(environment: [String: String]) {
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
            directory = "\(state)/plumbline"
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            directory = "\(home)/.local/state/plumbline"
        } else {
            directory = nil
        }
    }

    /// The file of a machine, by its hardware.
    package func path(of machine: CalibrationRecord.Machine) -> String? {
        let identity = [
            machine.cpuModel ?? "", machine.architecture, "\(machine.cpus)", "\(machine.memory)",
        ].joined(separator: "\n")
        // FNV-1a: a name, not a secret.
        let hash = identity.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return directory.map { "\($0)/calibration-\(String(hash, radix: 16)).json" }
    }

    /// The calibration of a machine; `nil` without one, or when the file cannot be read.
    package func load(for machine: CalibrationRecord.Machine) -> CalibrationRecord? {
        guard let path = path(of: machine), let bytes = try? SystemFile.readBytes(path),
            let record = try? LineCodec.decode(CalibrationRecord.self, from: bytes),
            record.schema == CalibrationRecord.schemaName,
            record.machine.isSameHardware(as: machine)
        else { return nil }
        return record
    }

    /// Keeps a calibration: the old file or the whole new one is there at any moment.
    ///
    /// - Returns: the file's path.
    /// - Throws: `failure` when it cannot be written.
    package func save(_ record: CalibrationRecord) throws(PlumblineError) -> String {
        guard let directory, let path = path(of: record.machine) else {
            throw .failure(
                "no directory for the calibration", remedy: "set HOME or XDG_STATE_HOME")
        }
        let line = try LineCodec.encode(record)
        let temporary = "\(path).\(ChildProcess.currentID).new"
        do {
            try SystemFile.makeDirectories(directory, mode: 0o700)
            let file = try Descriptor.open(temporary, [.write, .create, .truncate])
            try file.writeAll(line)
            try file.sync()
            guard rename(temporary, path) == 0 else { throw Errno.ioError }
        } catch {
            try? SystemFile.unlink(temporary)
            throw .failure(
                "cannot write the calibration to \(path): \(error)",
                remedy: "set XDG_STATE_HOME to a directory that you may write to")
        }
        return path
    }
}
