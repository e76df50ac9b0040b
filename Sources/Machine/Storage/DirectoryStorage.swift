// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// A new directory below a directory of the user's.
enum DirectoryStorage: StorageKind {
    static func prepare(
        _ spec: StorageSpec, changes: ChangeStack
    ) throws(PlumblineError) -> PreparedStorage {
        let parent = DataDirectory.absolute(spec.directory ?? DataDirectory.standard)
        let facts = try inspect(parent)
        guard facts.freeBytes > spec.size else {
            throw .usage(
                "directory \(parent) has \(ByteSize(facts.freeBytes).approximate) free; the "
                    + "files need \(ByteSize(spec.size).approximate)",
                remedy: "lower size, or give another directory")
        }
        let path = try changes.makeDirectory("\(parent)/plumbline")
        return PreparedStorage(directory: path, fileSystem: facts.name, changes: changes)
    }

    static func plannedChanges(_ spec: StorageSpec, in tree: SystemTree) -> [PlannedChange] {
        let parent = DataDirectory.absolute(spec.directory ?? DataDirectory.standard)
        let size = ByteSize(spec.size).approximate
        return [
            PlannedChange(
                "make the directory \(parent)/plumbline-PID-RANDOM with files of \(size)",
                undo: .removeDirectory)
        ]
    }

    private static func inspect(_ directory: String) throws(PlumblineError) -> FileSystemFacts {
        do {
            return try Descriptor.open(directory, .directory).filesystem()
        } catch .noSuchFileOrDirectory {
            throw .usage("directory \(directory) does not exist", remedy: "mkdir -p \(directory)")
        } catch .notDirectory {
            throw .usage("\(directory) is not a directory", remedy: "give a directory")
        } catch {
            throw .failure("cannot open directory \(directory): \(error)")
        }
    }
}
