// SPDX-License-Identifier: GPL-3.0-or-later

extension SliceCounts {
    /// What is wrong with a verified slice as a whole: bytes that were lost, made up or changed
    /// between its writers and its readers; `nil` when all that was written was read.
    ///
    /// It means something where every byte written is read in the same slice, and both ends add
    /// to the verification: in `pipe` with `verify`.
    public var conservationError: String? {
        let found = verification
        if found.written != found.read {
            return "\(found.written) bytes were written and \(found.read) were read"
        }
        if found.writtenSum != found.readSum {
            return "the bytes read add up to \(found.readSum), those written to \(found.writtenSum)"
        }
        return nil
    }
}
