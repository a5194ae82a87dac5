// Makes the dashboard's font small: what Western European languages are written with,
// in the weights that the style sheet uses. What else a page says, the system's font
// draws.
//
//   node slim.js FONT SLIM-FONT
const { readFileSync, writeFileSync } = require("node:fs");
const subset = require("subset-font");

const [source, target] = process.argv.slice(2);
const ranges = [
  [0x20, 0x7e], [0xa0, 0xff], [0x131, 0x131], [0x152, 0x153], [0x2bb, 0x2bc], [0x2c6, 0x2c6], [0x2da, 0x2da], [0x2dc, 0x2dc],
  [0x2010, 0x2027], [0x202f, 0x203a], [0x20ac, 0x20ac], [0x2122, 0x2122], [0x2190, 0x2193], [0x2212, 0x2212], [0x2260, 0x2265],
];
const text = ranges.map(([from, to]) => String.fromCodePoint(...Array.from({ length: to - from + 1 }, (_, i) => from + i))).join("");

subset(readFileSync(source), text, {
  targetFormat: "woff2",
  keepFeatures: ["kern", "ccmp", "locl", "mark", "tnum"], // tnum: figures of one width, in tables
  variationAxes: { wght: { min: 400, max: 700, default: 400 } },
}).then(font => writeFileSync(target, font));
