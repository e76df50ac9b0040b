// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

extension KernelBuild {
    private var script: String { "\(output)/\(LinkerScript.path)" }

    /// The name for messages: `6.12 layout 2`.
    private func title(_ layout: KernelLayout) -> String {
        "\(request.name) layout \(layout.number)"
    }

    /// Links what was just compiled once more for each layout, with padding before its functions.
    func relink(
        _ layouts: [KernelLayout], _ check: ConfigCheck
    ) async throws(PlumblineError) {
        guard !layouts.isEmpty else { return }
        guard let text = UserCache.text(script) else { throw cannotRelink("no linker script") }
        // The next build makes it anew.
        defer { UserCache.remove(script) }
        for layout in layouts {
            progress(
                .phase("relinking \(title(layout)) (of \(layouts.count); some 10 s each)"))
            let start = Clock.monotonicNanoseconds()
            guard let padded = LinkerScript.padded(text, by: layout.padding) else {
                throw cannotRelink("its linker script has no place for padding")
            }
            let before = symbols
            try UserCache.write(Array(padded.utf8), to: script)
            let objects = try await compile(title(layout))
            guard UserCache.text(script) == padded, symbols.isMoved(from: before) else {
                throw cannotRelink("padding does not move its functions")
            }
            let seconds = Double(Clock.monotonicNanoseconds() - start) / 1e9
            try process.refuseInterrupted()
            try await keep(check, layout: layout, objects: objects, seconds: seconds)
        }
    }

    private var symbols: SymbolTable {
        SymbolTable(UserCache.text("\(output)/System.map") ?? "")
    }

    /// Removes a linker script that a kill left with padding.
    func removePaddedScript() {
        if UserCache.text(script)?.contains(LinkerScript.mark) == true { UserCache.remove(script) }
    }

    private func cannotRelink(_ why: String) -> PlumblineError {
        .failure(
            "Linux \(source.release) cannot be relinked: \(why)",
            remedy: "use --relinks 0: a difference whose interval comes nearer to 0 than 3% then "
                + "ends as images-differ")
    }
}
