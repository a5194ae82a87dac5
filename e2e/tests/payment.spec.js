// Orders that are paid through Stripe, against a stand-in for it that has its pages.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { test as base, expect, accessible } from "../merchant.js";
import { serve } from "../server.js";

const test = base.extend({
  // A platform that takes money through Stripe.
  paid: [async ({}, use) => {
    const stripe = spawn("go", ["run", "./e2e/stripe"], { cwd: new URL("../..", import.meta.url), stdio: ["pipe", "pipe", "inherit"] });
    const [line] = await new Promise(resolve => createInterface({ input: stripe.stdout }).once("line", (...args) => resolve(args)));
    const [endpoint, key] = line.split(" ");
    const server = await serve({
      VITRINE_PAYMENT_PROVIDER_MODE: "stripe", VITRINE_STRIPE_ENDPOINT: endpoint, VITRINE_STRIPE_SECRET_KEY: key, VITRINE_STRIPE_WEBHOOK_SECRET: "whsec_browser",
    });
    await use(server.url);
    await server.stop();
    stripe.stdin.end();
  }, { scope: "worker", timeout: 120_000 }],
  baseURL: async ({ paid }, use) => use(paid),
});

async function checkout(page, merchant, baseURL, look) {
  const store = await merchant.store({ name: "Pen Shop", store_type: "hybrid" });
  const pen = await merchant.post(`${store.api}/products`, { title: "Brass Pen", variants: [{ price: "12.50" }] });
  await merchant.post(`${store.api}/inventory`, { variant_id: pen.variants[0].id, quantity: 1 });
  await page.goto(`${baseURL}/s/${store.slug}/products/brass-pen`);
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.getByRole("link", { name: "Check out" }).click();
  for (const [label, text] of [["E-mail", "ada@example.com"], ["Full name", "Ada"], ["Street and number", "1 High St"], ["City", "London"]]) await page.getByLabel(label).fill(text);
  await page.getByLabel("Country").selectOption("GB");
  await page.getByRole("button", { name: "Continue to payment" }).click();
  await expect(page.getByText("secure page of our payment provider")).toBeVisible();
  await look(page);
  await page.getByRole("button", { name: "Pay $12.50" }).click();
  await expect(page.getByRole("heading", { name: "Stripe" })).toBeVisible();
  return store;
}

// shows looks again, as a shopper does, until something is there.
const shows = (page, what) => expect(async () => {
  await page.reload();
  await expect(what).toBeVisible({ timeout: 500 });
}).toPass();

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });
    const look = javaScriptEnabled ? accessible : async () => {};

    test("a shopper pays at Stripe, on the second try, and the merchant pays back", async ({ page, merchant, baseURL }) => {
      const store = await checkout(page, merchant, baseURL, look);
      await page.getByRole("link", { name: "Back" }).click();
      await expect(page.getByRole("heading", { name: "Your order is being paid" })).toBeVisible();
      await look(page);
      await page.getByRole("button", { name: "Go on with the payment" }).click();
      await page.getByRole("button", { name: "Let it end" }).click();
      await shows(page, page.getByRole("alert").filter({ hasText: "nothing was charged" }));
      await look(page);
      await page.getByRole("button", { name: "Pay now: $12.50" }).click();
      await page.getByRole("button", { name: "Pay", exact: true }).click();
      await shows(page, page.getByRole("heading", { name: "Thank you for your order" }));
      await look(page);
      const [order] = await merchant.get(`${store.api}/orders`);
      expect([order.status, order.total]).toEqual(["paid", "12.50"]);
      await merchant.post(`${store.api}/orders/${order.id}/cancel`);
      await page.reload();
      await expect(page.getByText("$12.50 paid back")).toBeVisible();
      await look(page);
    });
  });
}
