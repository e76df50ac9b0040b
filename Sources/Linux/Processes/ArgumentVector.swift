// SPDX-License-Identifier: GPL-3.0-or-later

import SystemPackage

/// A program's arguments as `execve(2)` wants them.
enum ArgumentVector {
    /// Calls `body` with the arguments, ended by a null pointer; they live that long.
    ///
    /// - Throws: `invalidArgument` without arguments, and what `body` throws.
    static func with<Value>(
        _ arguments: [String],
        _ body: ([UnsafePointer<CChar>?]) throws(Errno) -> Value
    ) throws(Errno) -> Value {
        guard !arguments.isEmpty else { throw .invalidArgument }
        let texts = arguments.map { Array($0.utf8CString) }
        let storage = UnsafeMutableBufferPointer<CChar>.allocate(
            capacity: texts.reduce(0) { $0 + $1.count })
        defer { storage.deallocate() }
        _ = storage.initialize(from: texts.joined())
        var pointers: [UnsafePointer<CChar>?] = []
        var next = 0
        for text in texts {
            pointers.append(storage.baseAddress.map { UnsafePointer($0 + next) })
            next += text.count
        }
        pointers.append(nil)
        return try body(pointers)
    }
}
