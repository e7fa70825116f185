import { describe } from "@effect/vitest"
import { campaigns } from "./Campaigns.ts"
import * as Judgement from "./Judgement.ts"

describe("hosts in greater number find each other when the faults are over, and nothing that must not happen does", () => {
  for (const campaign of campaigns) if (!Judgement.isSmall(campaign)) Judgement.test(campaign)
})
