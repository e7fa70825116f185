/**
 * Colours and fonts of a diagram, for light and for dark screens. The hues of the eight senders are those of Okabe and Ito, or near them, which colour-blind
 * people can tell apart.
 */

/** @internal How many hues there are for hosts. */
export const hues = 8

const light = ["#0072b2", "#c2570c", "#00805e", "#9b3f86", "#8a6d00", "#2a5bd7", "#5d6b7a", "#a02c3c"]
const dark = ["#58b4ec", "#f59a52", "#3ecfa4", "#e08fcd", "#e0c341", "#8fabff", "#aebdcc", "#f08c99"]

const rules = (hosts: ReadonlyArray<string>, colours: { readonly [name: string]: string }): string =>
  [
    ...hosts.map((hue, i) => `svg.lan .h${i}{--hue:${hue}}`),
    `svg.lan{${Object.entries(colours).map(([name, colour]) => `--${name}:${colour}`).join(";")}}`
  ].join("")

/** @internal */
export const sheet = `${
  rules(light, {
    paper: "#ffffff",
    ink: "#1c2430",
    dim: "#687385",
    rule: "#e6e9ee",
    life: "#b4bcc8",
    bad: "#d11f2f",
    side0: "#dcebff",
    side1: "#ffe8d2",
    side2: "#dcf5e6",
    side3: "#f3e2fa",
    fault: "#fff4c9",
    off: "#dfe2e7"
  })
}@media (prefers-color-scheme:dark){${
  rules(dark, {
    paper: "#11151b",
    ink: "#e8edf4",
    dim: "#95a1b3",
    rule: "#222934",
    life: "#4a5464",
    bad: "#ff6b76",
    side0: "#17304f",
    side1: "#4a2f17",
    side2: "#173a2a",
    side3: "#3a2446",
    fault: "#443a12",
    off: "#333a45"
  })
}}
svg.lan{font:12px/1.3 Inter,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
svg.lan text{fill:var(--ink)}
svg.lan .paper{fill:var(--paper)}
svg.lan .heading{font-size:17px;font-weight:600}
svg.lan .host{font-size:14px;font-weight:600;text-anchor:middle}
svg.lan .head{fill:var(--paper);stroke:var(--hue);stroke-width:1.5}
svg.lan .dim,svg.lan .time,svg.lan .id{fill:var(--dim)}
svg.lan .time{font-size:11px;text-anchor:end;font-variant-numeric:tabular-nums}
svg.lan .id{font-size:10px;text-anchor:end;paint-order:stroke;stroke:var(--paper);stroke-width:2.5px;stroke-linejoin:round}
svg.lan .grid{stroke:var(--rule)}
svg.lan .life{stroke:var(--life);stroke-width:1.5}
svg.lan .a{fill:none;stroke:var(--hue);stroke-width:1.4;stroke-linejoin:round;stroke-linecap:round}
svg.lan .a:hover{stroke-width:3.5}
svg.lan .lost{stroke:var(--bad);stroke-dasharray:5 4}
svg.lan .quiet{stroke:var(--dim);stroke-dasharray:2 4;opacity:.55}
svg.lan .x{fill:none;stroke:var(--bad);stroke-width:2;stroke-linecap:round}
svg.lan .xq{stroke:var(--dim);stroke-width:1.4;opacity:.7}
svg.lan .sent{fill:var(--hue)}
svg.lan .heard{fill:none;stroke:var(--hue);stroke-width:1.2}
svg.lan .small{fill:var(--dim)}
svg.lan .mark{stroke:var(--ink);stroke-dasharray:6 4}
svg.lan .membership{fill:var(--hue);opacity:.5}
svg.lan .state{fill:var(--hue);opacity:.65}
svg.lan .membership:hover,svg.lan .state:hover{opacity:1;stroke:var(--hue);stroke-width:2}
svg.lan .of{font-size:10px;fill:var(--dim);paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
svg.lan .edge{stroke:var(--dim);stroke-dasharray:1 3}
svg.lan .note{font-size:12px}
svg.lan .bad{fill:var(--bad)}
svg.lan .count{font-size:10px;text-anchor:middle;paint-order:stroke;stroke:var(--paper);stroke-width:3px}
svg.lan .side0{fill:var(--side0)}svg.lan .side1{fill:var(--side1)}svg.lan .side2{fill:var(--side2)}svg.lan .side3{fill:var(--side3)}
svg.lan .fault{fill:var(--fault)}
svg.lan .off{fill:var(--off)}`
