// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A parser to be fed, and the inputs that it is fed with: real ones, changed at random.
struct FuzzTarget {
    /// What `--only` calls it.
    let name: String
    /// Real inputs.
    let seeds: [[UInt8]]
    /// Words that are put into inputs.
    var words: [String] = []
    /// Of how many inputs that are asked for it gets one; above 1 where an input takes long.
    var share = 1
    /// Makes a changed input's checksums right again.
    var repair: ([UInt8]) -> [UInt8] = { $0 }
    /// Reads an input.
    ///
    /// - Returns: whether the parser accepts it.
    let read: ([UInt8]) -> Bool

    /// Every parser of what comes from outside, one a line.
    static func all() throws(PlumblineError) -> [FuzzTarget] {
        [
            try .journal(),
            try .report(),
            try .suite(),
            .claims(),
            try .agentMessage(),
            try .controllerMessage(),
            .lines(),
            .kernelName(),
            .patch(),
            .knob(),
            .assignment(),
            .sizes(),
            .settings(),
            .glob(),
            .histogram(),
            .targetFile(),
            .sshAddress(),
            .slurm(),
            try .fleet(),
            .bisectLog(),
        ]
    }
}

extension String {
    /// The bytes of its UTF-8.
    var bytes: [UInt8] { Array(utf8) }
}
