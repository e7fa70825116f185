/**
 * Runs the `discover` command.
 *
 * @since 0.1.0
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { createRequire } from "node:module"
import * as Discover from "./internal/cli/Discover.ts"

// beside `src` in the workspace and beside `dist` once published
const { version } = createRequire(import.meta.url)("../package.json") as { readonly version: string }

// The terminal was closed. Effect ends a program on SIGINT and SIGTERM only, and Node.js would be gone without a goodbye; so would it on Windows
// if it killed itself, whatever the signal.
process.on("SIGHUP", () => process.emit("SIGTERM"))

NodeRuntime.runMain(Discover.run(version), { disableErrorReporting: true })
