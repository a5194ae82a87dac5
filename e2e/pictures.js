// Takes the pictures of the README, of the demo at an address:
//
//   node pictures.js ADDRESS FOLDER
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [address, folder] = process.argv.slice(2);
const email = "demo@vitrine.example", password = "a demo password";
const slug = "juniper-oak", at = `/dashboard/stores/${slug}`;

async function login() {
  const answer = await fetch(`${address}/api/v1/auth/login`, {
    method: "POST", body: JSON.stringify({ email, password }), headers: { "Content-Type": "application/json" },
  });
  if (!answer.ok) throw new Error(`login: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).access_token;
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

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"] });
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light", locale: "en-US", reducedMotion: "reduce" });
await context.addCookies([{ name: "vitrine_session", value: await login(), url: address }]);
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
  await page.goto(`${address}/s/${slug}`);
  await shoot(page, "storefront");
  await page.locator("main a[href*='/products/']:has(img[src^='/media/'])").first().click();
  await page.getByRole("button", { name: "Add to cart" }).waitFor();
  await shoot(page, "product");
} finally {
  await browser.close();
}
