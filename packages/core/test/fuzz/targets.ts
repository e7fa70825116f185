/** All that is fuzzed: every decoder of what others wrote. */
import * as Body from "./targets/body.ts"
import * as DnsMessage from "./targets/dnsMessage.ts"
import * as DnsName from "./targets/dnsName.ts"
import * as Json from "./targets/json.ts"
import * as JsonTalk from "./targets/jsonTalk.ts"
import * as Peerage from "./targets/peerage.ts"
import * as Peernet from "./targets/peernet.ts"
import * as Ppspp from "./targets/ppspp.ts"
import * as Sa1 from "./targets/sa1.ts"
import * as Sg1 from "./targets/sg1.ts"
import * as Syncthing from "./targets/syncthing.ts"
import * as SyncthingV0 from "./targets/syncthingV0.ts"
import * as TrustFile from "./targets/trustFile.ts"
import * as Txt from "./targets/txt.ts"

export const targets = [
  DnsMessage.target,
  DnsName.target,
  Txt.target,
  Sa1.target,
  Sg1.target,
  Body.target,
  Syncthing.target,
  SyncthingV0.target,
  Json.target,
  JsonTalk.target,
  Peerage.target,
  Peernet.target,
  Ppspp.target,
  TrustFile.target
]
