// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// gnuplot, which draws a page's plots.
struct Gnuplot: Sendable {
    /// The Debian package that has it.
    static let package = "gnuplot-nox"
    /// Plots that are worth a process.
    private static let leastPlots = 8

    /// What a plot became.
    enum Drawing: Sendable, Equatable {
        /// Elements of SVG.
        case drawn(String)
        /// Why it is missing.
        case missing(String)
    }

    /// Its name, looked up in PATH.
    var program = "gnuplot"

    /// How it is called: without the user's own settings.
    func arguments(script: String) -> [String] { [program, "-d", script] }

    /// Draws plots, on two CPUs where they are many.
    ///
    /// - Returns: as many drawings, in the plots' order.
    func draw(_ plots: [Plot]) -> [Drawing] {
        guard !plots.isEmpty else { return [] }
        guard !program.isEmpty else { return plots.map { _ in .missing("not drawn") } }
        guard plots.count >= 2 * Self.leastPlots else { return wait(for: start(plots[...])) }
        let half = plots.count / 2
        let first = start(plots[..<half])
        let second = start(plots[half...])
        let drawings = wait(for: first)
        return drawings + wait(for: second)
    }

    /// A process that draws.
    private struct Work: ~Copyable {
        var child: ChildProcess
        /// Open until the process has ended.
        var script: UnnamedFile
        var output: UnnamedFile
    }

    /// A process for so many plots, or why there is none.
    private enum Share: ~Copyable {
        case running(Int, Work)
        case failed(Int, String)
    }

    private func start(_ plots: ArraySlice<Plot>) -> Share {
        do throws(Errno) {
            let script = try UnnamedFile()
            let output = try UnnamedFile()
            try script.write(plots.map(\.script).joined())
            let child = try output.spawn(arguments(script: script.path))
            return .running(plots.count, Work(child: child, script: script, output: output))
        } catch Errno.noSuchFileOrDirectory {
            return .failed(plots.count, missing)
        } catch {
            return .failed(plots.count, "\(program) cannot be run: \(error)")
        }
    }

    private func wait(for share: consuming Share) -> [Drawing] {
        switch consume share {
        case .failed(let count, let why): return Array(repeating: .missing(why), count: count)
        case .running(let count, let work):
            do throws(Errno) {
                let exit = try work.child.wait()
                let drawings = PlotDrawing.all(in: try work.output.content())
                let why = "\(program) failed (\(exit)) in this plot"
                return drawings.prefix(count).map { .drawn($0) }
                    + Array(repeating: .missing(why), count: max(0, count - drawings.count))
            } catch {
                return Array(repeating: .missing("\(program) failed: \(error)"), count: count)
            }
        }
    }

    private var missing: String {
        "\(program) is not installed, so there is no plot: install the Debian package "
            + "\(Self.package) and make the page again"
    }
}
