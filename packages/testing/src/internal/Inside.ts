/**
 * The kernel inside of a network, for those parts of this package that read its journal as it grows.
 */
import type { Kernel } from "./kernel/Kernel.ts"

const kernels = new WeakMap<object, Kernel>()

/** @internal */
export const set = (network: object, kernel: Kernel): void => void kernels.set(network, kernel)

/** @internal */
export const kernel = (network: object): Kernel => kernels.get(network)!
