import { createHmac } from "node:crypto";
import { test, expect, accessible } from "../merchant.js";

// code is what an authenticator app with the key shows, some steps from now (RFC 6238).
function code(key, steps = 0) {
  const bits = [...key.replaceAll(" ", "")].map(c => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, "0");
}

async function turnOn(page, merchant) {
  await page.goto("/dashboard/account");
  await page.getByRole("link", { name: "Turn on" }).click();
  await expect(page.getByAltText("The key as a QR code")).toBeVisible();
  const key = await page.locator("[data-key]").innerText();
  await page.getByLabel("Code").fill(code(key));
  await page.getByLabel("Your password").fill(merchant.password);
  await page.getByRole("button", { name: "Turn on" }).click();
  const recovery = (await page.getByLabel("Recovery codes").inputValue()).split("\n");
  expect(recovery).toHaveLength(10);
  return { key, recovery };
}

async function signIn(page, merchant) {
  await page.context().clearCookies();
  await page.goto("/login");
  await page.getByLabel("Email").fill(merchant.email);
  await page.getByLabel("Password").fill(merchant.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Enter your code" })).toBeVisible();
}

async function enter(page, what) {
  await page.getByLabel("Code").fill(what);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("two-factor sign-in is turned on, asked for, and turned off", async ({ page, merchant }) => {
  test.slow(); // axe looks at many pages
  await page.setViewportSize({ width: 390, height: 844 });
  const fits = async () => {
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await accessible(page);
  };
  await page.goto("/dashboard/account/two-factor");
  await fits();
  const { key, recovery } = await turnOn(page, merchant);
  await fits();
  await page.getByRole("link", { name: "Done" }).click();
  await expect(page.getByText("10 recovery codes left")).toBeVisible();
  await fits();

  await signIn(page, merchant);
  await fits();
  await enter(page, "000000");
  await expect(page.getByText("The code is wrong")).toBeVisible();
  await fits();
  await enter(page, code(key, 1)); // the code of now was used to turn it on
  await expect(page).toHaveURL(/\/dashboard/);

  await signIn(page, merchant);
  await enter(page, recovery[0]);
  await expect(page).toHaveURL(/\/dashboard/);
  await signIn(page, merchant);
  await enter(page, recovery[0]);
  await expect(page.getByText("The code is wrong")).toBeVisible();
  await enter(page, recovery[1]);
  await expect(page).toHaveURL(/\/dashboard/);
  await page.goto("/dashboard/account");
  await expect(page.getByText("8 recovery codes left")).toBeVisible();
  await page.getByRole("link", { name: "Make new ones" }).click();
  await fits();
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Turn off" }).click();
  await fits();
  await page.getByLabel("Your password").fill(merchant.password);
  await page.getByLabel("Code").fill(recovery[2]);
  await page.getByRole("button", { name: "Turn off" }).click();
  await expect(page.getByText("Two-factor sign-in is off.")).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("two-factor sign-in works all the same", async ({ page, merchant }) => {
    const { key, recovery } = await turnOn(page, merchant);
    await signIn(page, merchant);
    await enter(page, code(key, 1));
    await page.goto("/dashboard/account");
    await page.getByRole("link", { name: "Turn off" }).click();
    await page.getByLabel("Your password").fill(merchant.password);
    await page.getByLabel("Code").fill(recovery[0]);
    await page.getByRole("button", { name: "Turn off" }).click();
    await expect(page.getByText("Two-factor sign-in is off.")).toBeVisible();
  });
});
