/**
 * effect-discovery on Node.js.
 *
 * @since 0.1.0
 */
export * as Display from "./Display.ts"
export * as NodeDiscovery from "./NodeDiscovery.ts"
export * as NodeIdentity from "./NodeIdentity.ts"
export * as NodeMdns from "./NodeMdns.ts"
export * as NodeNetwork from "./NodeNetwork.ts"
export * as NodeSharedKey from "./NodeSharedKey.ts"
export * as NodeStampStore from "./NodeStampStore.ts"
export * as NodeTestCrypto from "./NodeTestCrypto.ts"
export * as NodeTrust from "./NodeTrust.ts"
