import { assert, describe, it } from "@effect/vitest"
import * as PrivateFile from "../src/internal/PrivateFile.ts"

describe("permissions", () => {
  it("are those of owner and others, but on Windows, which has none for others", () => {
    const written = { mode: 0o100666 }

    assert.strictEqual(PrivateFile.permissions(written, "linux"), 0o666)
    assert.strictEqual(PrivateFile.permissions(written, "win32"), 0o600)
  })
})
