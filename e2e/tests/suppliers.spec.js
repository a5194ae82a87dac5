import { test, expect, accessible } from "../merchant.js";

test("a supplier is added, changed and deleted", async ({ page, merchant }) => {
  const store = await merchant.store();
  await page.goto(`${store.at}/suppliers`);
  await accessible(page);
  await page.getByRole("link", { name: "Add supplier" }).first().click();
  await page.getByLabel("Name").fill("Leaf & Co");
  await page.getByLabel("Country").fill("ZZ");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Must be an ISO 3166 country code")).toBeVisible();
  await accessible(page);
  await page.getByLabel("Country").fill("de");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The supplier was added.")).toBeVisible();

  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Lead time in days").fill("5");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("cell", { name: "5 days" })).toBeVisible();

  await page.getByRole("link", { name: "Delete Leaf & Co" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await accessible(page);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("link", { name: "Delete Leaf & Co" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Delete supplier" }).click();
  await expect(page.getByRole("heading", { name: "No suppliers yet" })).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a supplier is added all the same", async ({ page, merchant }) => {
    const store = await merchant.store();
    await page.goto(`${store.at}/suppliers`);
    await page.getByRole("link", { name: "Add supplier" }).first().click();
    await page.getByLabel("Name").fill("Leaf & Co");
    await page.getByLabel("Country").fill("ZZ");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Must be an ISO 3166 country code")).toBeVisible();
    await page.getByLabel("Country").fill("DE");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("The supplier was added.")).toBeVisible();
  });
});
