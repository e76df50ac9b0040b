// SPDX-License-Identifier: GPL-3.0-or-later

/// One of the places that a kernel's functions can have: padding before them moves them all, and
/// keeps their order.
package struct KernelLayout: Sendable, Hashable {
    /// From 0, the image without padding.
    package let number: Int

    /// Bytes before the first ordinary function: a multiple of the functions' alignment, below
    /// 64 KiB.
    ///
    /// The step is odd, so that no two of the first 4096 layouts are alike. It is about 0.6 of a
    /// page, and of 64 KiB: a few layouts already differ in the place within a cache line, within
    /// a page (the unit of an emulator's blocks of code), and among the sets of a cache.
    package var padding: Int { Self.unit * (number * Self.step % Self.places) }

    private static let unit = 16
    private static let places = 4096
    private static let step = 2463

    /// A layout; of each kernel the same number means the same padding.
    package init(_ number: Int) { self.number = number }

    /// Whether it is that of the image without padding.
    package var isPlain: Bool { number == 0 }

    /// The name of its directory in the cache.
    ///
    /// - Parameter plain: that of the image without padding.
    func key(plain: String) -> String {
        isPlain ? plain : BuildHash.key([plain, "padding \(padding)"])
    }

    /// The first so many layouts.
    package static func first(_ count: Int) -> [KernelLayout] { (0..<count).map { .init($0) } }
}
