// SPDX-License-Identifier: GPL-3.0-or-later

import CShims

/// The memory that this process holds from `malloc(3)`.
public enum Heap {
    /// Bytes in use in arenas and in mappings of their own, by `mallinfo2(3)`.
    public static var bytesInUse: Int { Int(cshims_heap_in_use()) }
}
