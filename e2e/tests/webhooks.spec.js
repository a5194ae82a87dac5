import { createServer } from "node:http";
import { accessible, expect, test } from "../merchant.js";

// receiver is an address that hears of events; it refuses them while it is closed.
async function receiver() {
  const heard = [];
  const r = { heard, closed: false };
  const server = createServer((request, answer) => {
    let body = "";
    request.on("data", piece => { body += piece; });
    request.on("end", () => {
      heard.push({ headers: request.headers, event: JSON.parse(body) });
      answer.statusCode = r.closed ? 503 : 200;
      answer.end(r.closed ? "closed for the day" : "thank you");
    });
  });
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  r.url = `http://127.0.0.1:${server.address().port}/hook`;
  r.end = () => new Promise(resolve => { server.close(resolve); server.closeAllConnections(); });
  return r;
}

test("a webhook is added, tried, read and deleted", async ({ page, merchant }) => {
  const address = await receiver();
  const store = await merchant.store();
  await page.goto(`${store.at}/settings/webhooks`);
  await accessible(page);
  await page.getByRole("link", { name: "Add webhook" }).first().click();
  await accessible(page);
  await page.getByLabel("Address").fill(address.url);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Must name at least one event.")).toBeVisible();
  await accessible(page);
  await page.getByLabel("product.created").check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByLabel("The secret")).toHaveValue(/^whsec_/);
  await accessible(page);
  await page.getByRole("link", { name: "Done" }).click();

  await page.getByRole("button", { name: "Send test event" }).click();
  const row = name => page.getByRole("row").filter({ hasText: name });
  await expect(row("webhook.test")).toContainText("Delivered", { timeout: 20_000 });
  await merchant.post(`${store.api}/products`, { title: "Oolong" });
  await page.reload();
  await expect(row("product.created")).toContainText("Delivered", { timeout: 20_000 });
  await accessible(page);
  expect(address.heard.map(h => h.event.type)).toEqual(["webhook.test", "product.created"]);

  await row("product.created").getByRole("link").first().click();
  await expect(page.getByRole("dialog")).toContainText("Oolong");
  await expect(page.getByRole("dialog")).toContainText("thank you");
  await accessible(page);
  await page.getByRole("dialog").getByRole("button", { name: "Redeliver" }).click();
  await expect(page.getByText("The event is on its way again.")).toBeVisible();
  await expect.poll(() => address.heard.length, { timeout: 20_000 }).toBe(3);
  expect(address.heard[2].headers["webhook-id"]).toBe(address.heard[1].headers["webhook-id"]);

  address.closed = true;
  await page.getByRole("button", { name: "Send test event" }).click();
  await expect(page.getByRole("row").filter({ hasText: "Tried, waits" })).toContainText("503", { timeout: 20_000 });
  await accessible(page);

  await page.goto(`${store.at}/settings/webhooks`);
  await page.getByRole("link", { name: /Delete/ }).click();
  await accessible(page);
  await page.getByRole("button", { name: "Delete webhook" }).click();
  await expect(page.getByRole("heading", { name: "No webhooks yet" })).toBeVisible();
  await address.end();
});

test("on a phone and in the dark", async ({ page, merchant }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: "dark" });
  const store = await merchant.store();
  const hook = await merchant.post(`${store.api}/webhooks`, { url: "http://127.0.0.1:1/a-rather-long-address-that-has-to-break-somewhere-on-a-phone", events: ["order.paid"] });
  for (const path of ["", `/${hook.id}`]) {
    await page.goto(`${store.at}/settings/webhooks${path}`);
    await accessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  }
});
