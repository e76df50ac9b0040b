// SPDX-License-Identifier: GPL-3.0-or-later

extension KernelPatch {
    /// Our patches by name and version.
    static let embedded: [String: [UInt8]] = [
        "pipe-prealloc-6.12": PackageResources.pipe_prealloc_6_12_patch,
        "dio-cache-6.12": PackageResources.dio_cache_6_12_patch,
        "dio-kmemcache-6.12": PackageResources.dio_kmemcache_6_12_patch,
        "pipe-prealloc-7.2": PackageResources.pipe_prealloc_7_2_patch,
        "pipe-prealloc-off-7.2": PackageResources.pipe_prealloc_off_7_2_patch,
        "dio-cache-7.2": PackageResources.dio_cache_7_2_patch,
        "dio-kmemcache-7.2": PackageResources.dio_kmemcache_7_2_patch,
    ]
}
