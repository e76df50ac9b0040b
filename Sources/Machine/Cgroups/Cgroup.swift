// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// A memory control group: its directory and its version of the interface.
///
/// Source: Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst.
public struct Cgroup: Sendable, Equatable {
    /// Its directory.
    public let path: String
    /// 1 or 2.
    public let version: Int

    /// An existing group.
    public init(path: String, version: Int) {
        self.path = path
        self.version = version
    }

    /// The version that has the memory controller on this machine: 1, 2, or 0 for none.
    public static var version: Int { MemoryHierarchy.find()?.version ?? 0 }

    /// Makes a group `plumbline-<pid>-<n>` below this process's own, or beside it on v2, where a
    /// group with processes cannot pass its controllers on.
    ///
    /// - Throws: `failure` without a memory controller or without permission.
    public static func create(
        in hierarchy: MemoryHierarchy? = .find(), changes: ChangeStack
    ) throws(PlumblineError) -> Cgroup {
        guard let hierarchy else { throw MemoryHierarchy.absence() }
        let groups = hierarchy.version == 1 ? [hierarchy.own] : hierarchy.ancestry
        var why = "the memory controller is not passed on"
        for parent in groups {
            do {
                if hierarchy.version == 2 { try delegateMemory(in: parent, changes) }
                return try make(below: parent, version: hierarchy.version, changes)
            } catch {
                // A full state directory is no matter of the group.
                if error.kind == .interrupted || error == changes.undoLog.refusal { throw error }
                why = error.message
            }
        }
        throw .failure(
            "cannot make a memory cgroup below \(groups.last ?? hierarchy.top) "
                + "(cgroup v\(hierarchy.version)): \(why)",
            remedy: hierarchy.version == 1
                ? "run as root"
                : "run as root, or under: systemd-run --user --scope -p Delegate=yes plumbline …")
    }

    /// The changes that `create` would make.
    ///
    /// A group with processes, other than the top one, cannot pass controllers on: then one above
    /// it is tried.
    public static func plannedChanges(
        in hierarchy: MemoryHierarchy? = .find(), tree: SystemTree = .live
    ) -> [PlannedChange] {
        guard let hierarchy else { return [] }
        func group(below parent: String) -> PlannedChange {
            PlannedChange("make the cgroup \(parent)/plumbline-PID-N", undo: .removeCgroup)
        }
        guard hierarchy.version == 2 else { return [group(below: hierarchy.own)] }
        for parent in hierarchy.ancestry {
            let control = "\(parent)/cgroup.subtree_control"
            if (tree.read(control) ?? "").words.contains("memory") { return [group(below: parent)] }
            let isEmpty = (tree.read("\(parent)/cgroup.procs") ?? "").words.isEmpty
            guard isEmpty || parent == hierarchy.top else { continue }
            return [
                PlannedChange("write '+memory' to \(control)", undo: .writeBack),
                group(below: parent),
            ]
        }
        return [group(below: hierarchy.top)]
    }

    /// Lets the children of a v2 group have the memory controller.
    private static func delegateMemory(
        in parent: String, _ changes: ChangeStack
    ) throws(PlumblineError) {
        let control = "\(parent)/cgroup.subtree_control"
        let enabled = try attempting(control) { () throws(Errno) in try SystemFile.read(control) }
        if enabled.words.contains("memory") { return }
        try changes.make(.writeBack(path: control, value: "-memory"), failure: control) {
            () throws(Errno) in
            VerboseLog.say("write '+memory' to \(control)")
            try SystemFile.write("+memory", to: control)
        }
    }

    private static func make(
        below parent: String, version: Int, _ changes: ChangeStack
    ) throws(PlumblineError) -> Cgroup {
        let path = ChangeStack.newName("\(parent)/plumbline-\(ChildProcess.currentID)-")
        try changes.make(.removeCgroup(path: path), failure: path) { () throws(Errno) in
            try SystemFile.makeDirectory(path)
        }
        return Cgroup(path: path, version: version)
    }

    /// The file to which a process writes its id to enter the group.
    public var procsPath: String { "\(path)/cgroup.procs" }

    /// Moves a process into the group with all its threads; 0 is the caller.
    ///
    /// - Throws: `permissionDenied`; `resourceBusy` in a v2 group that passes controllers on.
    public func enter(_ process: Int32 = 0) throws(Errno) {
        try SystemFile.write("\(process)", to: procsPath)
    }

    /// The ids of the processes in the group.
    public var members: [Int32] {
        ((try? SystemFile.read(procsPath)) ?? "").words.compactMap { Int32($0) }
    }

    /// Kills the members and removes the group; waits up to two seconds for their end.
    ///
    /// The caller itself, if it is a member, moves to the parent group.
    public static func remove(_ path: String, pulse: () -> Void = {}) -> UndoOutcome {
        guard SystemFile.exists(path) else { return .alreadyGone }
        let group = Cgroup(path: path, version: 0)
        if group.members.contains(ChildProcess.currentID), let slash = path.lastIndex(of: "/") {
            try? SystemFile.write("0", to: "\(path[..<slash])/cgroup.procs")
        }
        return Undo.outcome(pulse) { () throws(Errno) in
            group.killMembers()
            try SystemFile.removeDirectory(path)
        }
    }

    /// Sends SIGKILL to every member but the caller, without waiting.
    public func killMembers() {
        for process in members where process != ChildProcess.currentID {
            let child = ChildProcess(id: process)
            try? child.kill()
            _ = try? child.wait(noHang: true)
        }
    }
}
