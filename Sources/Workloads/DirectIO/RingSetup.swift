// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux

/// Makes a job's ring and registers with it what the cell asks for.
enum RingSetup {
    /// A ring for `iodepth` requests, with the flags that the kernel has.
    static func make(_ plan: DirectWorkload) throws(PlumblineError) -> Ring {
        var wanted: Ring.Flags = plan.kernelSubmits ? [.sqPoll] : .preferred
        if plan.polls { wanted.insert(.ioPoll) }
        do {
            return try Ring.create(entries: UInt32(plan.depth), wanted: wanted)
        } catch {
            let disabled = try? SystemFile.readInteger("/proc/sys/kernel/io_uring_disabled")
            throw DirectErrors.ring(error, depth: plan.depth, disabled: disabled)
        }
    }

    static func register(
        _ ring: borrowing Ring, file: CInt, _ memory: UnsafeMutableRawBufferPointer,
        _ plan: DirectWorkload
    ) throws(PlumblineError) {
        // Older kernels cannot, and lose some nanoseconds a call only.
        if plan.registersRing { try? ring.registerSelf() }
        if plan.registersFile {
            do { try ring.registerFiles([file]) } catch {
                throw .failure(
                    "dio: cannot register the file with the ring: \(error)",
                    remedy: "set registerfiles=0")
            }
        }
        if plan.fixedBuffers {
            do { try ring.registerBuffers(memory, each: plan.blockSize) } catch {
                let limit = try? ResourceLimit.lockedMemory.current().soft
                throw DirectErrors.buffers(error, plan: plan, limit: limit ?? nil)
            }
        }
    }
}
