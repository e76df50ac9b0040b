// SPDX-License-Identifier: GPL-3.0-or-later

import SystemPackage

/// Turns a shim's answer, a result or a negative `errno`, into a value or an error.
///
/// - Throws: the `Errno` that the call reported.
@inlinable
@inline(__always)
@discardableResult
public func checked(_ r: Int32) throws(Errno) -> Int32 {
    guard r >= 0 else { throw Errno(rawValue: -r) }
    return r
}

/// Turns a shim's 64-bit answer, a result or a negative `errno`, into a value or an error.
///
/// - Throws: the `Errno` that the call reported.
@inlinable
@inline(__always)
@discardableResult
public func checked(_ r: Int64) throws(Errno) -> Int {
    guard r >= 0 else { throw Errno(rawValue: Int32(truncatingIfNeeded: -r)) }
    return Int(r)
}

/// Turns a raw call's answer, a result or a negative `errno`, into a value or an error.
///
/// - Throws: the `Errno` that the call reported.
@inlinable
@inline(__always)
@discardableResult
public func checked(_ r: Int) throws(Errno) -> Int {
    guard r >= 0 else { throw Errno(rawValue: Int32(truncatingIfNeeded: -r)) }
    return r
}
