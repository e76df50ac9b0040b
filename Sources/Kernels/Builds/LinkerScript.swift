// SPDX-License-Identifier: GPL-3.0-or-later

/// The linker script that a kernel's build makes by the preprocessor, with padding put in.
///
/// `make` links again when the script changes, and makes the script anew only when it is gone, or
/// older than what it is made from.
enum LinkerScript {
    /// The script's path in a build directory.
    static let path = "arch/x86/kernel/vmlinux.lds"
    /// Marks a script with padding, which no other build may link by.
    static let mark = "/* plumbline: padding */"
    /// The input of the ordinary functions: those of one section for all, and before them, where
    /// a kernel has them, those that a compiler found hot. Linux 7.2 aligns them to a page.
    private static let inputs = ["*(.text.hot", "*(.text ", "*(.text)"]

    /// The script with padding right before the ordinary functions.
    ///
    /// - Returns: nil where it has no such place.
    static func padded(_ script: String, by bytes: Int) -> String? {
        let place = inputs.lazy.compactMap { script.firstRange(of: $0) }.first
        guard let place, !script.contains(mark) else { return nil }
        return script[..<place.lowerBound] + "\(mark) . = . + \(bytes); "
            + script[place.lowerBound...]
    }
}

/// The addresses of a kernel's functions, by its `System.map`.
struct SymbolTable {
    private let addresses: [Substring: UInt64]

    /// - Parameter text: lines such as `ffffffff812ed6f0 T vfs_read`.
    init(_ text: String) {
        var addresses: [Substring: UInt64] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, words[1] == "t" || words[1] == "T" else { continue }
            addresses[words[2]] = UInt64(words[0], radix: 16)
        }
        self.addresses = addresses
    }

    /// Whether most functions are elsewhere than in another link of the same code.
    func isMoved(from other: SymbolTable) -> Bool {
        2 * addresses.count { other.addresses[$0.key] != $0.value } > addresses.count
    }
}
