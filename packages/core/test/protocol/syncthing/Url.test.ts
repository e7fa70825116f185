import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import * as Url from "../../../src/protocol/syncthing/Url.ts"
import { address } from "../laws.ts"

const four = address("10.77.0.2", 40_000)
const six = address("fd77::2", 40_000)
const link = NetAddress.inetAddressFromInputUnsafe({
  address: NetAddress.ipFromStringUnsafe("fe80::77:ff:fe00:2"),
  port: 40_000,
  scopeId: 3
})

const completed = (text: string, source = four) => Url.complete(Url.parse(text)!, source)

const dialed = (text: string, source = four) => {
  const dialable = Url.addressOf(Url.parse(text)!, source)
  return dialable && NetAddress.formatInet(dialable)
}

describe("parse", () => {
  it.each([
    "tcp://0.0.0.0:22000",
    "tcp4://:22115",
    "quic://[::]:22113",
    "tcp://[fe80::1%25eth0]:1",
    "relay://relay.example:443/?id=ABC&token=secret",
    "tcp://nas.local:22000",
    "dynamic+https://10.0.0.1:443/endpoint"
  ])("takes %s", (text) => {
    assert.strictEqual(Url.parse(text)?.text, text)
  })

  it.each([
    "",
    "::::",
    "//10.0.0.1:22000",
    "javascript:alert(1)",
    "://10.0.0.1:1",
    "1tcp://10.0.0.1:1",
    "t cp://10.0.0.1:1",
    "tcp://10.0.0.1",
    "tcp://10.0.0.1:",
    "tcp://10.0.0.1:99999",
    "tcp://10.0.0.1:000022",
    "tcp://10.0.0.1:http",
    "tcp://10.0.0.1:22000\0.evil",
    "tcp://10.0.0.1 :22000",
    "tcp://user@10.0.0.1:22000",
    "tcp://fe80::1:22000",
    "tcp://[fe80::1:22000",
    "tcp://[fe80::1]22000",
    "tcp://[10.0.0.1]:22000",
    "tcp://[]:22000",
    "tcp://010.0.0.1:22000",
    "tcp://2130706433:22000",
    "tcp://127.1:22000",
    "tcp://a.:22000",
    "tcp://b\u00fccher:22000"
  ])("refuses %j", (text) => {
    assert.isUndefined(Url.parse(text))
  })
})

describe("complete", () => {
  it("puts the source in for a host that is open, with its zone, and leaves any other", () => {
    assert.strictEqual(completed("tcp://0.0.0.0:22000"), "tcp://10.77.0.2:22000")
    assert.strictEqual(completed("tcp4://:22000/x"), "tcp4://10.77.0.2:22000/x")
    assert.strictEqual(completed("quic://[::]:22000", six), "quic://[fd77::2]:22000")
    assert.strictEqual(completed("quic://0.0.0.0:1", link), "quic://[fe80::77:ff:fe00:2%253]:1")
    assert.strictEqual(completed("tcp://[::ffff:0.0.0.0]:1"), "tcp://10.77.0.2:1")
    assert.strictEqual(completed("tcp://10.0.0.9:1", six), "tcp://10.0.0.9:1")
    assert.strictEqual(completed("relay://relay.example:443/?id=A"), "relay://relay.example:443/?id=A")
  })

  it("skips an open host of the other family than the source", () => {
    assert.isUndefined(completed("tcp4://:1", six))
    assert.isUndefined(completed("quic6://:1", four))
    assert.strictEqual(completed("tcp6://10.77.0.3:22116"), "tcp6://10.77.0.3:22116")
  })
})

describe("addressOf", () => {
  it("is where the device can be dialed", () => {
    assert.strictEqual(dialed("tcp://0.0.0.0:22000"), "10.77.0.2:22000")
    assert.strictEqual(dialed("quic://10.0.0.9:22001"), "10.0.0.9:22001")
    assert.strictEqual(dialed("tcp://:22000", six), "[fd77::2]:22000")
  })

  it("has the zone that a link-local address came by, whatever the sender calls it", () => {
    assert.strictEqual(dialed("tcp://:22000", link), "[fe80::77:ff:fe00:2%3]:22000")
    assert.strictEqual(dialed("tcp://[fe80::9%25wlan0]:22000", link), "[fe80::9%3]:22000")
    assert.strictEqual(dialed("tcp://[fd77::9]:22000", link), "[fd77::9]:22000")
    assert.isUndefined(dialed("tcp://[fe80::9]:22000", four))
  })

  it("S-P11 there is none for a name, a relay, port 0, a scheme of another family or an unknown one", () => {
    for (
      const text of [
        "tcp://nas.local:22000",
        "relay://10.0.0.9:443/?id=A",
        "tcp://0.0.0.0:0",
        "tcp6://10.0.0.9:1",
        "tcp4://[fd77::9]:1",
        "http://10.0.0.9:80"
      ]
    ) {
      assert.isUndefined(dialed(text), text)
    }
  })
})

describe("announceable", () => {
  const announced = (text: string) => Url.announceable(Url.parse(text)!)?.text

  it("keeps of a relay's parameters the id alone", () => {
    assert.strictEqual(
      announced("relay://1.2.3.4:443/?token=secret&id=ABC-DEF&pingInterval=1m#x"),
      "relay://1.2.3.4:443/?id=ABC-DEF"
    )
    assert.strictEqual(announced("relay://1.2.3.4:443/?token=secret"), "relay://1.2.3.4:443/")
    assert.strictEqual(announced("relay://1.2.3.4:443"), "relay://1.2.3.4:443")
    assert.strictEqual(announced("tcp://1.2.3.4:1/?a=b"), "tcp://1.2.3.4:1/?a=b")
  })

  it("is unspecified or unicast, has a port, and is not loopback", () => {
    assert.strictEqual(announced("tcp://:22000"), "tcp://:22000")
    assert.strictEqual(announced("tcp://[fe80::1]:22000"), "tcp://[fe80::1]:22000")
    for (const host of ["127.0.0.1", "[::1]", "224.0.0.1", "[ff02::1]", "255.255.255.255", "[::ffff:127.0.0.1]"]) {
      assert.isUndefined(announced(`tcp://${host}:22000`))
    }
    assert.isUndefined(announced("tcp://10.0.0.1:0"))
  })
})
