// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A parser to be fed, and the inputs that it is fed with: real ones, changed at random.
struct FuzzTarget {
    /// What `--only` calls it.
    let name: String
    /// Real inputs; one at least is not empty.
    let seeds: [[UInt8]]
    /// Words that are put into inputs.
    var words: [String] = []
    /// Makes a changed input's checksums right again.
    var repair: (inout [UInt8]) -> Void = { _ in }
    /// Reads an input.
    ///
    /// - Returns: whether the parser accepts it.
    /// - Throws: the parser's refusal.
    let read: ([UInt8]) throws(PlumblineError) -> Bool

    /// Every parser of what comes from outside, one a line.
    static func all() throws(PlumblineError) -> [FuzzTarget] {
        [
            try .journal(),
            try .report(),
            try .history(),
            try .suite(),
            .claims(),
            .targetFile(),
            try .agentMessage(),
            try .controllerMessage(),
            .lines(),
            .histogram(),
            .patch(),
            .mails(),
            .kernelName(),
            .knob(),
            .assignment(),
            .sizes(),
            .settings(),
            .glob(),
            .sshAddress(),
            .slurm(),
            try .fleet(),
            .bisectLog(),
            .metric(),
        ]
    }
}

extension String {
    /// The bytes of its UTF-8.
    var bytes: [UInt8] { Array(utf8) }
}
