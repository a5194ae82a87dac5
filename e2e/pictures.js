// Takes the pictures of the README: node pictures.js ADDRESS FOLDER. The demo at the
// address sells a few things first, so that its first page has something to tell.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [address, folder] = process.argv.slice(2);
const email = "demo@vitrine.example", password = "a demo password";
const slug = "juniper-oak", at = `/dashboard/stores/${slug}`;

async function call(method, path, body, token) {
  const answer = await fetch(`${address}/api/v1${path}`, {
    method, body: body && JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

// sell places orders, and pays and ships some of them.
async function sell(token) {
  const store = (await call("GET", "/stores", null, token)).find(s => s.slug === slug);
  const at = `/stores/${store.id}`;
  const products = await call("GET", `${at}/products?status=active&limit=24`, null, token);
  const levels = await call("GET", `${at}/inventory?limit=200`, null, token);
  const spare = new Map(levels.map(l => [l.variant_id, l.available_quantity]));
  const shoppers = ["ada", "grace", "alan", "edsger", "barbara", "donald"];
  for (const [i, product] of products.entries()) {
    const variant = product.variants.find(v => spare.get(v.id) > 3);
    if (!variant) continue;
    const order = await call("POST", `${at}/orders`, { customer: { email: `${shoppers[i % 6]}@example.com` }, items: [{ variant_id: variant.id, quantity: 1 + i % 3 }] }, token);
    if (i % 4) await call("POST", `${at}/orders/${order.id}/pay`, null, token);
    if (i % 4 > 1) await call("POST", `${at}/orders/${order.id}/fulfill`, null, token);
  }
}

// shoot writes what the page shows as a WebP.
async function shoot(page, name) {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForLoadState("networkidle");
  const browser = await page.context().newCDPSession(page);
  const { data } = await browser.send("Page.captureScreenshot", { format: "webp", quality: 82 });
  const file = join(folder, `${name}.webp`);
  writeFileSync(file, Buffer.from(data, "base64"));
  console.error(`${file}, ${Math.round(data.length * 0.75 / 1024)} KB`);
}

const { access_token: token } = await call("POST", "/auth/login", { email, password });
await sell(token);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"] });
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light", locale: "en-US", reducedMotion: "reduce" });
await context.addCookies([{ name: "vitrine_session", value: token, url: address }]);
const page = await context.newPage();
try {
  await page.goto(address + at);
  await shoot(page, "home");
  await page.goto(`${address}${at}/inventory`);
  await shoot(page, "inventory");
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot(page, "inventory-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(`${address}${at}/settings`);
  await page.getByRole("link", { name: "Clone Store" }).click();
  await page.getByRole("dialog", { name: "Clone Store" }).waitFor();
  await shoot(page, "clone");
} finally {
  await browser.close();
}
