// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import Glibc
import Linux
import SystemPackage

extension Undo {
    /// Puts the change back now, and waits for what takes a moment.
    public func perform() -> UndoOutcome {
        switch self {
        case .killProcess(let process, let start):
            Self.kill(ProcessIdentity(id: process, startTime: start))
        case .removeCgroup(let path): Cgroup.remove(path)
        case .unmount(let path): Self.unmount(path)
        case .removeDirectory(let path): Self.removeDirectory(path)
        case .removeFile(let path):
            Self.outcome { () throws(Errno) in try SystemFile.unlink(path) }
        case .swapOff(let path): Self.swapOff(path)
        case .removeZram(let number): Zram.remove(number)
        case .detachLoop(let backing): Self.detachLoop(backing)
        case .removeNullBlock(let name): NullBlock.remove(name)
        case .unloadModule(let name): KernelModule.unload(name)
        case .writeBack(let path, let value): Self.writeBack(path, value)
        }
    }

    /// Runs a call until it is no longer refused as busy, for two seconds at most.
    static func retryingWhileBusy(_ body: () throws(Errno) -> Void) throws(Errno) {
        for _ in 0..<80 {
            do {
                return try body()
            } catch .resourceBusy {
                try? Clock.sleep(nanoseconds: 25_000_000)
            }
        }
        try body()
    }

    private static let absent: [Errno] = [
        .noSuchFileOrDirectory, .operationNotSupportedByDevice, .noSuchAddressOrDevice,
        .noSuchProcess,
    ]

    /// Runs a call and says what came of it; what is not there has gone already.
    static func outcome(_ body: () throws(Errno) -> Void) -> UndoOutcome {
        do {
            try retryingWhileBusy(body)
            return .done
        } catch {
            return Self.absent.contains(error) ? .alreadyGone : .failed("\(error)")
        }
    }

    private static func kill(_ process: ProcessIdentity) -> UndoOutcome {
        let child = ChildProcess(id: process.id)
        guard process.isRunning else {
            _ = try? child.wait(noHang: true)
            return .alreadyGone
        }
        do { try child.kill() } catch { return .failed("\(error)") }
        for _ in 0..<2000 {
            // A child of ours stays a zombie until it is waited for; a stranger just goes.
            if (try? child.wait(noHang: true)) ?? nil != nil { return .done }
            if !process.isRunning { return .done }
            try? Clock.sleep(nanoseconds: 2_000_000)
        }
        return .failed("it does not die")
    }

    private static func unmount(_ path: String) -> UndoOutcome {
        guard MountPoint.all().contains(where: { $0.path == path }) else { return .alreadyGone }
        do {
            try retryingWhileBusy { () throws(Errno) in try Mount.unmount(path) }
            return .done
        } catch {
            guard error == .resourceBusy, umount2(path, Int32(MNT_DETACH)) == 0 else {
                return .failed("\(error)")
            }
            return .doneWithNotice("\(path) was in use and was detached lazily")
        }
    }

    private static func removeDirectory(_ path: String) -> UndoOutcome {
        // Never empties what is not ours, whatever a damaged ledger says.
        let name = path.split(separator: "/").last ?? ""
        if name.hasPrefix("plumbline-"), !MountPoint.all().contains(where: { $0.path == path }) {
            for file in (try? SystemFile.list(path)) ?? [] {
                try? SystemFile.unlink("\(path)/\(file)")
            }
        }
        return outcome { () throws(Errno) in try SystemFile.removeDirectory(path) }
    }

    private static func swapOff(_ path: String) -> UndoOutcome {
        guard SwapArea.all().contains(where: { $0.path == path }) else { return .alreadyGone }
        return outcome { () throws(Errno) in try Swap.stop(path) }
    }

    private static func detachLoop(_ backing: String) -> UndoOutcome {
        let tree = SystemTree.live
        let number = tree.list("/sys/block").lazy.compactMap { name -> Int32? in
            guard name.hasPrefix("loop"),
                tree.read("/sys/block/\(name)/loop/backing_file")?.trimmed == backing
            else { return nil }
            return Int32(name.dropFirst(4))
        }.first
        guard let number else { return .alreadyGone }
        return outcome { () throws(Errno) in try checked(cshims_loop_detach(number)) }
    }

    private static func writeBack(_ path: String, _ value: String) -> UndoOutcome {
        if SystemTree.live.read(path)?.trimmed == value { return .alreadyGone }
        return outcome { () throws(Errno) in try SystemFile.write(value, to: path) }
    }
}
