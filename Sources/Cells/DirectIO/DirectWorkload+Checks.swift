// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

extension DirectWorkload {
    /// The smallest unit of direct I/O, bytes.
    private static let sector = 512

    /// Refuses settings that do not go together.
    static func check(_ values: SettingValues) throws(PlumblineError) {
        try checkSizes(values)
        try checkQueue(values)
        try checkPlace(values)
    }

    private static func checkSizes(_ values: SettingValues) throws(PlumblineError) {
        let (block, region) = (values[keys.bs], values[keys.size])
        guard block.isMultiple(of: sector) else {
            throw values.invalid(
                keys.bs, "is not a multiple of 512, the smallest unit of direct I/O",
                remedy: "choose a multiple of 512, such as 4k")
        }
        guard region >= block, region.isMultiple(of: block) else {
            let nearest = max(1, region / block) * block
            throw values.invalid(
                keys.size, "is not a multiple of bs=\(block)",
                remedy: "choose a multiple of bs, such as size=\(ByteSize(nearest))")
        }
        guard !values[keys.numjobs].multipliedReportingOverflow(by: region).overflow,
            values[keys.iodepth] * block <= 1 << 36
        else {
            throw values.invalid(
                keys.bs, "times iodepth, or size times numjobs, is more than any machine has",
                remedy: "choose less")
        }
    }

    private static func checkQueue(_ values: SettingValues) throws(PlumblineError) {
        let depth = values[keys.iodepth]
        for key in [keys.batchSubmit, keys.batchCompleteMin] where values[key] > depth {
            throw values.invalid(
                key, "is more than iodepth=\(depth)", remedy: "choose at most iodepth")
        }
        guard values[keys.ioengine] == .sync else { return }
        if depth > 1 {
            throw values.invalid(
                keys.iodepth, "is not supported with ioengine=psync: it has one request in flight",
                remedy: "set iodepth=1, or more numjobs, or ioengine=io_uring")
        }
        if values[keys.reap] != .full {
            throw values.invalid(
                keys.reap, "is not supported with ioengine=psync: it needs a ring",
                remedy: "leave it out, or set ioengine=io_uring")
        }
        for key in [keys.fixedbufs, keys.registerfiles, keys.hipri, keys.sqthreadPoll]
        where values[key] {
            throw values.invalid(
                key, "is not supported with ioengine=psync: it needs a ring",
                remedy: "leave it out, or set ioengine=io_uring")
        }
    }

    private static func checkPlace(_ values: SettingValues) throws(PlumblineError) {
        let (file, storage) = (values[keys.filename], values[keys.storage])
        if values[keys.irqmode] != 0, file != nil || !storage.hasPrefix("null_blk") {
            throw values.invalid(
                keys.irqmode, "is for null_blk alone",
                remedy: "leave it out, or set storage=null_blk or null_blk:ext4")
        }
        if values[keys.completionDelay] != nil, values[keys.irqmode] != 2 {
            throw values.invalid(
                keys.completionDelay, "is for irqmode=2 alone",
                remedy: "leave it out, or set storage=null_blk:ext4 and irqmode=2")
        }
        if !values[keys.memoryBacked],
            file != nil || storage != "null_blk" || values[keys.verify] || values[keys.rw].writes
        {
            throw values.invalid(
                keys.memoryBacked, "is for reads of a raw null_blk device that prove no data",
                remedy: "leave it out, or set storage=null_blk, rw=randread and verify=0")
        }
        guard file != nil || storage.hasPrefix("device:") else { return }
        let writes = values[keys.rw].writes
        if values[keys.verify], !writes {
            throw values.invalid(
                keys.verify, "cannot prove what this tool did not write",
                remedy: "leave filename out to have a file made, or choose an rw that writes")
        }
        if writes, !values[keys.allowDestructive] {
            throw values.invalid(
                keys.rw, "would overwrite \(file ?? storage)",
                remedy: "add --allow-destructive if its contents may be lost")
        }
    }
}
