// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Reports
import SystemPackage

/// A file of results for a CI system: it gets its whole content, or is not there.
struct ResultFile {
    /// The format, and the option that names the file.
    struct Kind {
        let option: String
        let format: ReportFormat
        /// How a file of this format begins.
        let beginning: String

        static let junit = Kind(option: "--junit", format: .junit, beginning: "<?xml ")
        static let ktap = Kind(option: "--ktap", format: .ktap, beginning: "KTAP version 1\n")
        static let tmt = Kind(option: "--tmt", format: .tmt, beginning: "- name:")
    }

    let kind: Kind
    /// The file.
    private let file: WholeFile
    /// Whether it is a device or a pipe, which is written to and never replaced.
    private let isStream: Bool

    /// Looks at a path before anything is measured.
    ///
    /// - Throws: `usage` for a path that cannot be written, and for a file with other content.
    init(_ kind: Kind, at path: String) throws(PlumblineError) {
        self.kind = kind
        file = WholeFile(path)
        let other = PlumblineError.usage(
            "\(kind.option) \(path) exists and is not a \(kind.format.name) file",
            remedy: "remove it, or give another path")
        switch file.present {
        case .stream:
            isStream = true
            return
        case .regular:
            guard let head = FileHead.text(of: file.place) else {
                throw .usage(
                    "\(kind.option) \(path) exists and cannot be read",
                    remedy: "remove it, or give another path")
            }
            guard head.isEmpty || head.hasPrefix(kind.beginning) else { throw other }
        case .nothing: break
        case .directory:
            throw .usage(
                "\(kind.option) \(path) is a directory", remedy: "give the path of a file")
        case .other: throw other
        }
        isStream = false
        do throws(Errno) {
            try file.tryOut()
        } catch {
            throw WholeFile.refusal(of: "\(kind.option) \(path)", error)
        }
    }

    /// Removes an old file of the format, so that a run that fails leaves no results of another.
    /// Where a link leads to it, it is left empty.
    ///
    /// - Throws: `failure` when it cannot be removed.
    func removeOld() throws(PlumblineError) {
        let place = file.place
        guard !isStream, FileHead.text(of: place)?.hasPrefix(kind.beginning) == true else { return }
        do throws(Errno) {
            try SystemFile.unlink(place)
            // A link to the file stays one: the next run would replace a link that leads nowhere.
            if WholeFile.place(of: file.path) != place {
                _ = try Descriptor.open(place, [.write, .create, .exclusive])
            }
        } catch {
            throw .failure(
                "\(kind.option): cannot remove the old \(file.path): \(error)",
                remedy: "remove it, or give another path")
        }
    }

    /// Writes the report.
    ///
    /// - Throws: `failure` when it cannot be written.
    func write(_ report: some Report) throws(PlumblineError) {
        let text = try kind.format.renderer.render(report, style: .plain)
        // What came meanwhile and is none of ours stays.
        let head = FileHead.text(of: file.place)
        let isOurs = head.map { $0.isEmpty || $0.hasPrefix(kind.beginning) } ?? false
        do throws(Errno) { try file.write(text, replacing: isOurs) } catch {
            throw .failure(
                "cannot write \(file.path): \(error)",
                remedy: "the journal has all that was measured: see `plumbline report --help`")
        }
    }
}
