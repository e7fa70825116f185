/**
 * The `discover` command.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeNetwork from "../../NodeNetwork.ts"
import * as Advertise from "./Advertise.ts"
import * as Failure from "./Failure.ts"
import * as Key from "./Key.ts"
import * as Log from "./Log.ts"
import * as Resolve from "./Resolve.ts"
import * as TrustList from "./TrustList.ts"
import * as Types from "./Types.ts"
import * as Usage from "./Usage.ts"
import * as Watch from "./Watch.ts"

const command = Command.make("discover").pipe(
  Command.withDescription("Find programs on the local network, and be found"),
  Command.withSubcommands([
    Watch.command,
    Advertise.command,
    Resolve.command,
    Types.command,
    Key.command,
    TrustList.command
  ])
)

const layer = Layer.mergeAll(
  NodeNetwork.layer(),
  NodeServices.layer,
  Log.layer,
  CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] }),
  CliOutput.layerPresenter(Usage.presenter)
)

/** Runs the command with the process's arguments. Whatever fails is told on standard error. */
export const run = (version: string) =>
  Command.run(command, { version }).pipe(Effect.tapCause(Failure.report), Effect.provide(layer))
