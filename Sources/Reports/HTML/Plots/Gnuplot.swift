// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
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
    /// How long it may write nothing before it is killed, in nanoseconds.
    var patience: UInt64 = 30_000_000_000

    /// How it is called: without the user's own settings.
    func arguments(script: String) -> [String] { [program, "-d", script] }

    /// Draws plots, on two CPUs where they are many.
    ///
    /// - Returns: as many drawings, in the plots' order.
    func draw(_ plots: [Plot]) -> [Drawing] {
        guard !plots.isEmpty else { return [] }
        guard !program.isEmpty else { return plots.map { _ in .missing("not drawn") } }
        guard plots.count >= 2 * Self.leastPlots else {
            return finish(start(plots[...]), plots[...])
        }
        let half = plots.count / 2
        let first = start(plots[..<half])
        let second = start(plots[half...])
        let drawings = finish(first, plots[..<half])
        return drawings + finish(second, plots[half...])
    }

    /// A process that draws.
    private struct Work: ~Copyable {
        var child: ChildProcess
        /// Open until the process has ended.
        var script: MemoryFile
        var output: MemoryFile
    }

    /// A process, or why there is none.
    private enum Share: ~Copyable {
        case running(Work)
        case failed(String)
    }

    /// How a process ended.
    private enum Ending {
        case exited(ChildProcess.Exit)
        /// It was killed, because it wrote nothing.
        case hung
        /// Nothing can be drawn, and why.
        case lost(String)
    }

    private func start(_ plots: ArraySlice<Plot>) -> Share {
        do throws(Errno) {
            let script = try MemoryFile()
            let output = try MemoryFile()
            try script.write(plots.map(\.script).joined())
            do throws(Errno) {
                let child = try output.spawn(arguments(script: script.path))
                return .running(Work(child: child, script: script, output: output))
            } catch .noSuchFileOrDirectory {
                return .failed(missing)
            } catch {
                return .failed("\(program) cannot be run: \(error)")
            }
        } catch {
            return .failed("a file in memory for \(program) cannot be made: \(error)")
        }
    }

    /// Waits for a process. Where it fails in a plot, another one draws the plots behind it, unless
    /// two in a row draw nothing and hang.
    private func finish(_ first: consuming Share, _ plots: ArraySlice<Plot>) -> [Drawing] {
        var share = first
        var drawings: [Drawing] = []
        var hangs = 0
        while true {
            let (drawn, ending) = wait(for: share)
            drawings += drawn.prefix(plots.count - drawings.count).map { .drawn($0) }
            let left = plots.count - drawings.count
            guard left > 0 else { return drawings }
            hangs = drawn.isEmpty ? hangs : 0
            let why: String
            switch ending {
            case .lost(let reason):
                return drawings + Array(repeating: .missing(reason), count: left)
            case .exited(let exit): why = "\(program) failed (\(Self.text(exit))) in this plot"
            case .hung:
                hangs += 1
                let time = Decimal.time(nanoseconds: Double(patience))
                why = "\(program) was killed: it wrote nothing for \(time)"
                if hangs > 1 { return drawings + Array(repeating: .missing(why), count: left) }
            }
            drawings.append(.missing(why))
            if left == 1 { return drawings }
            share = start(plots.dropFirst(drawings.count))
        }
    }

    private func wait(for share: consuming Share) -> (drawn: [String], ending: Ending) {
        switch consume share {
        case .failed(let why): return ([], .lost(why))
        case .running(let work):
            do throws(Errno) {
                let ending = try end(of: work.child, writing: work.output)
                return (PlotDrawing.all(in: try work.output.content()), ending)
            } catch {
                try? work.child.kill()
                _ = try? work.child.wait()
                return ([], .lost("\(program) failed: \(error)"))
            }
        }
    }

    /// Waits until a process ends, or kills it.
    private func end(
        of child: ChildProcess, writing output: borrowing MemoryFile
    ) throws(Errno) -> Ending {
        var size = 0
        var since = Clock.monotonicNanoseconds()
        while true {
            if let exit = try child.wait(noHang: true) { return .exited(exit) }
            let now = Clock.monotonicNanoseconds()
            let written = try output.size
            if written != size {
                (size, since) = (written, now)
            } else if now - since > patience {
                try child.kill()
                _ = try child.wait()
                return .hung
            }
            try? Clock.sleep(nanoseconds: 2_000_000)
        }
    }

    private static func text(_ exit: ChildProcess.Exit) -> String {
        switch exit {
        case .exited(let code): "exit code \(code)"
        case .signalled(let signal): "signal \(signal)"
        }
    }

    private var missing: String {
        "\(program) is not installed, so there is no plot: install the Debian package "
            + "\(Self.package) and make the page again"
    }
}
