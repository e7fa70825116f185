/**
 * Files that are gone after a test.
 */
import { NodeFileSystem } from "@effect/platform-node"
import { Effect, FileSystem } from "effect"
import * as Path from "node:path"

/** A path in a directory of its own. There is no file yet. */
export const file = (name: string) =>
  FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped()).pipe(
    Effect.map((directory) => Path.join(directory, name)),
    Effect.provide(NodeFileSystem.layer)
  )
