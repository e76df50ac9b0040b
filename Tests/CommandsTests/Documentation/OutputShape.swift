// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The shape of a program's output: its words without what changes from run to run and from
/// machine to machine, which are numbers, units, verdicts, and the names of machines and kernels.
enum OutputShape {
    /// The lines of a shown output that a real one does not have in this order. `…` stands for any
    /// lines. A real line may have more words, and may go over two further lines.
    static func missing(of shown: [String], in real: String) -> [String] {
        let stream = real.split(separator: "\n").enumerated().flatMap { number, line in
            words(of: String(line)).map { (word: $0, line: number) }
        }
        var place = 0
        var missing: [String] = []
        for line in shown where line.trimmed != "…" {
            if let end = end(of: words(of: line), in: stream, from: place) {
                place = end
            } else {
                missing.append(line)
            }
        }
        return missing
    }

    /// The place after words that stand in a stream in their order; nil where they do not.
    private static func end(
        of words: [String], in stream: [(word: String, line: Int)], from place: Int
    ) -> Int? {
        guard let first = words.first else { return place }
        for start in place..<stream.count where stream[start].word == first {
            var rest = words[...]
            for index in start..<stream.count where stream[index].line <= stream[start].line + 2 {
                guard stream[index].word == rest.first else { continue }
                rest.removeFirst()
                if rest.isEmpty { return index + 1 }
            }
        }
        return nil
    }

    /// What follows these words at the beginning of a line names a machine or a kernel.
    private static let labels: Set<String> = ["kernel", "host", "machine", "clock", "A", "B"]
    private static let changing: Set<String> = [
        "improved", "regressed", "equivalent", "inconclusive", "images-differ", "invalid",
        "KiB/s", "MiB/s", "GiB/s", "IOPS", "~", "-",
    ]

    private static func words(of line: String) -> [String] {
        let words = line.split(separator: " ").map { word in
            word.trimming { ",;:()[].".contains($0) }
        }
        if !line.hasPrefix(" "), let label = words.first, labels.contains(label) { return [label] }
        return words.filter { word in
            !word.isEmpty && !word.contains(where: \.isNumber) && !changing.contains(word)
        }
    }
}

extension Substring {
    /// The text without such characters at its ends.
    fileprivate func trimming(_ isTrimmed: (Character) -> Bool) -> String {
        String(drop(while: isTrimmed).reversed().drop(while: isTrimmed).reversed())
    }
}
