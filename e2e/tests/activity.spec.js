import { test, expect, accessible, onPhone } from "../merchant.js";

// shop is a store in which something was done.
async function shop(merchant) {
  const store = await merchant.store({ name: "Tea House" });
  await merchant.post(`${store.api}/members`, { email: "helper@example.com", role: "staff" });
  await merchant.call("PATCH", store.api, { niche: "tea", custom_css: "a { color: red }" });
  return store;
}

test("the owner sees who did what, and narrows it", async ({ page, merchant }) => {
  const store = await shop(merchant);
  await page.goto(`${store.at}/settings`);
  await page.getByRole("link", { name: "Activity" }).click();
  const changed = page.getByRole("row", { name: /Settings changed/ });
  await expect(changed).toContainText("niche, custom css");
  await expect(changed).toContainText("You");
  await accessible(page);
  await page.getByLabel("What was done").selectOption("Member invited");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByRole("row", { name: /helper@example.com/ })).toBeVisible();
  await expect(changed).toHaveCount(0);
  await page.getByLabel("To", { exact: true }).fill("2020-01-01");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByRole("heading", { name: "Nothing like that" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Show all" }).last().click();
  await expect(changed).toBeVisible();

  await page.goto("/dashboard/account");
  await page.getByRole("link", { name: "Activity" }).click();
  await expect(page.getByRole("row", { name: /Account created/ })).toBeVisible();
  await accessible(page);
  await onPhone(page, [`${store.at}/settings/activity`, "/dashboard/account/activity"]);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the activity is narrowed all the same", async ({ page, merchant }) => {
    const store = await shop(merchant);
    await page.goto(`${store.at}/settings/activity`);
    await page.getByLabel("What was done").selectOption("Store created");
    await page.getByRole("button", { name: "Filter" }).click();
    await expect(page.getByRole("row", { name: /Store created/ })).toBeVisible();
    await expect(page.getByRole("row", { name: /Settings changed/ })).toHaveCount(0);
    await page.getByRole("link", { name: "You" }).click();
    await expect(page.getByRole("row", { name: /Settings changed/ })).toBeVisible();
  });
});
