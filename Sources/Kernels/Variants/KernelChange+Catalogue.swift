// SPDX-License-Identifier: GPL-3.0-or-later

extension KernelChange {
    /// Every change, in the order in which the patches are applied.
    package static let all = [
        KernelChange(
            PackageResources.pipe_prealloc_yaml,
            claims: PackageResources.pipe_prealloc_claims_yaml,
            patches: [
                "6.12": PackageResources.pipe_prealloc_6_12_patch,
                "7.2": PackageResources.pipe_prealloc_7_2_patch,
                "revert-7.2": PackageResources.pipe_prealloc_revert_7_2_patch,
            ]),
        KernelChange(
            PackageResources.pipe_pool_yaml,
            claims: PackageResources.pipe_pool_claims_yaml,
            patches: [
                "6.12": PackageResources.pipe_pool_6_12_patch,
                "7.2": PackageResources.pipe_pool_7_2_patch,
            ]),
        KernelChange(
            PackageResources.pipe_fit_yaml,
            patches: [
                "6.12": PackageResources.pipe_fit_6_12_patch,
                "7.2": PackageResources.pipe_fit_7_2_patch,
            ]),
        KernelChange(
            PackageResources.dio_cache_yaml,
            claims: PackageResources.dio_cache_claims_yaml,
            patches: [
                "6.12": PackageResources.dio_cache_6_12_patch,
                "7.2": PackageResources.dio_cache_7_2_patch,
            ]),
        KernelChange(
            PackageResources.dio_kmemcache_yaml,
            patches: [
                "6.12": PackageResources.dio_kmemcache_6_12_patch,
                "7.2": PackageResources.dio_kmemcache_7_2_patch,
            ]),
        KernelChange(
            PackageResources.dio_sheaf_yaml,
            patches: [
                "7.2": PackageResources.dio_sheaf_7_2_patch
            ]),
        KernelChange(
            PackageResources.dio_simple_yaml,
            claims: PackageResources.dio_simple_claims_yaml,
            patches: [
                "6.12": PackageResources.dio_simple_6_12_patch,
                "7.2": PackageResources.dio_simple_7_2_patch,
            ]),
        KernelChange(
            PackageResources.dio_pool_yaml,
            patches: [
                "6.12": PackageResources.dio_pool_6_12_patch,
                "7.2": PackageResources.dio_pool_7_2_patch,
            ]),
        KernelChange(
            PackageResources.eventfd_direct_yaml,
            patches: [
                "6.12": PackageResources.eventfd_direct_6_12_patch,
                "7.2": PackageResources.eventfd_direct_7_2_patch,
            ]),
    ]
}
