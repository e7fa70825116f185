import { describe } from "@effect/vitest"
import { campaigns } from "./Campaigns.ts"
import * as Judgement from "./Judgement.ts"

describe("every host finds every other one when the faults are over, and nothing that must not happen does", () => {
  for (const campaign of campaigns.filter(Judgement.isSmall)) Judgement.test(campaign)
})
