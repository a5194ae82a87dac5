// Audits five pages of a demo store that has 5,000 products: DEMO is its address,
// DEMO_FOLDER where its program and its database are. Words choose among the pages;
// REPORTS is a folder for the whole reports.
//
//   node audit.js [WORDS]
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import lighthouse, { generateReport } from "lighthouse";
import puppeteer from "puppeteer-core";

const { DEMO: address, DEMO_FOLDER: folder, REPORTS: reports } = process.env;
const only = process.argv.slice(2);
const email = "demo@vitrine.example", password = "a demo password", slug = "juniper-oak";
const products = 5_000;

const dashboard = ["performance", "accessibility", "best-practices"];
const storefront = [...dashboard, "seo"];

// weight is what a first visit may load, in bytes; pictures count in the dashboard only.
const pages = [
  { name: "Inventory", path: `/dashboard/stores/${slug}/inventory`, categories: dashboard, weight: 100_000 },
  { name: "Products", path: `/dashboard/stores/${slug}/products`, categories: dashboard, weight: 100_000 },
  { name: "Orders", path: `/dashboard/stores/${slug}/orders`, categories: dashboard, weight: 100_000 },
  { name: "storefront, home", path: `/s/${slug}`, categories: storefront, weight: 60_000 },
  { name: "storefront, product", categories: storefront, weight: 60_000 },
];

async function call(method, path, token, body) {
  const answer = await fetch(`${address}/api/v1${path}`, {
    method, body: body && JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

// fill brings the store to its number of products, with the pictures of the demo's
// own.
async function fill(token) {
  const store = (await call("GET", "/stores", token)).find(s => s.slug === slug);
  const own = await call("GET", `/stores/${store.id}/products?status=active&limit=100`, token);
  const pictures = own.flatMap(p => p.images ?? []).map(i => i.url ?? i);
  const rows = ["Handle,Title,Body (HTML),Vendor,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Image Src,Status"];
  for (let i = 0; i < products; i++) {
    rows.push(`lot-${i},Lot ${i} of the long shelf,Made by hand in a small workshop.,Long Shelf,lot,true,Title,Default Title,LOT-${i},${i % 50},${(i % 90) + 9}.00,${pictures[i % pictures.length] ?? ""},active`);
  }
  const file = join(folder, "lots.csv");
  writeFileSync(file, rows.join("\n"));
  execFileSync(join(folder, "vitrine"), ["import", "--store", slug, file], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  return own[0];
}

// audit returns the scores of a page, the bytes that it loads, and what is wrong.
async function audit(page, tab) {
  const url = address + page.path;
  const { lhr } = await lighthouse(url, { onlyCategories: page.categories, logLevel: "error", disableStorageReset: true }, undefined, tab);
  if (lhr.runtimeError) throw new Error(`${page.path}: ${lhr.runtimeError.message}`);
  if (lhr.finalDisplayedUrl !== url) throw new Error(`${url} leads to ${lhr.finalDisplayedUrl}`);
  if (reports) writeFileSync(join(reports, `${page.name.replace(/\W+/g, "-")}.html`), generateReport(lhr, "html"));
  const requests = lhr.audits["network-requests"].details.items.filter(r => page.weight > 60_000 || r.resourceType !== "Image");
  const scores = Object.fromEntries(Object.entries(lhr.categories).map(([name, c]) => [name, Math.round(c.score * 100)]));
  const faults = Object.values(lhr.categories).flatMap(c => c.auditRefs).filter(r => r.weight > 0).map(r => lhr.audits[r.id])
    .filter(a => a.score !== null && a.score < 0.9).map(a => `${a.id}: ${a.displayValue ?? a.title}`);
  return { scores, weight: requests.reduce((sum, r) => sum + r.transferSize, 0), faults };
}

// missed names the marks that a page does not reach.
function missed(page, { scores, weight }) {
  const marks = Object.entries(scores).filter(([name, score]) => score < (name === "performance" ? 95 : 100)).map(([name]) => name);
  return weight > page.weight ? [...marks, "weight"] : marks;
}

const { access_token: token } = await call("POST", "/auth/login", null, { email, password });
const product = await fill(token);
pages.at(-1).path = `/s/${slug}/products/${product.slug}`;

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});
let failed = false;
try {
  for (const page of pages.filter(p => only.every(word => p.name.includes(word)))) {
    const visit = await browser.createBrowserContext(); // with nothing in its cache
    if (page.path.startsWith("/dashboard")) await visit.setCookie({ name: "vitrine_session", value: token, domain: new URL(address).hostname, path: "/" });
    const result = await audit(page, await visit.newPage());
    await visit.close();
    const marks = missed(page, result);
    failed ||= marks.length > 0;
    console.log(`${page.name}: ${Object.entries(result.scores).map(([n, s]) => `${n} ${s}`).join(", ")}, ${(result.weight / 1000).toFixed(1)} KB${marks.length ? `: MISSED ${marks.join(", ")}: ${result.faults.join("; ")}` : ""}`);
  }
} finally {
  await browser.close();
}
process.exitCode = failed ? 1 : 0;
