import { test, expect, accessible } from "../merchant.js";

test("a discount is added, counts for what was picked, is changed and deleted", async ({ page, merchant }) => {
  const store = await merchant.store({ currency: "GBP" });
  const lamp = await merchant.post(`${store.api}/products`, { title: "Harbor Lamp" });
  await merchant.post(`${store.api}/products`, { title: "Harbor Chair" });
  await merchant.post(`${store.api}/categories`, { name: "Tea" });
  await page.goto(`${store.at}/discounts`);
  await expect(page.getByRole("heading", { name: "No discounts yet" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Add discount" }).first().click();
  await accessible(page);
  await page.getByLabel("Code").fill("GLOW");
  await page.getByLabel("Value").fill("110");
  await page.getByLabel("Some products").check();
  await page.getByLabel("Find products").fill("harbor");
  await page.keyboard.press("Enter");
  await page.getByLabel("Harbor Lamp").check();
  await accessible(page);
  await page.getByLabel("Minimum order").fill("50");
  await page.getByLabel("Begins").fill("2026-01-01T09:30");
  await page.getByLabel("Ends").fill("2025-01-01T00:00");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Must be at most 100 percent.")).toBeVisible();
  await expect(page.getByText("Must be after starts_at.").or(page.getByText("Must be after the beginning."))).toBeVisible();
  await expect(page.getByLabel("Harbor Lamp")).toBeChecked();
  await accessible(page);
  await page.getByLabel("Value").fill("15");
  await page.getByLabel("Ends").fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The discount was added.")).toBeVisible();
  await expect(page.getByRole("row", { name: /GLOW/ })).toContainText("15%");
  await expect(page.getByRole("row", { name: /GLOW/ })).toContainText("1 product");
  const [made] = await merchant.get(`${store.api}/discounts`);
  expect(made).toMatchObject({ code: "GLOW", type: "percentage", value: "15.00", applies_to: "products", product_ids: [lamp.id], minimum_amount: "50.00", expires_at: null });

  await page.getByRole("link", { name: "GLOW", exact: true }).click();
  await page.getByLabel("Fixed amount").check();
  await page.getByLabel("Value").fill("5.50");
  await page.getByLabel("Some categories").check();
  await page.getByLabel("Tea").check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("row", { name: /GLOW/ })).toContainText("£5.50");

  await merchant.post(`${store.api}/discounts`, { code: "OTHER", type: "free_shipping" });
  await page.getByRole("link", { name: "GLOW", exact: true }).click();
  await page.getByLabel("Code").fill("other");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText('The code "other" is already used.')).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Discard" }).click();
  await expect(page.getByLabel("Code")).toHaveValue("GLOW");
  await page.getByRole("link", { name: "Delete" }).click();
  await accessible(page);
  await page.getByRole("button", { name: "Delete discount" }).click();
  await expect(page.getByText("The discount was deleted.")).toBeVisible();
});

test.describe("in another time zone", () => {
  test.use({ timezoneId: "America/New_York" });

  test("moments are the reader's, and keep what was not changed", async ({ page, merchant }) => {
    const store = await merchant.store();
    const made = await merchant.post(`${store.api}/discounts`, { code: "NOON", type: "free_shipping", expires_at: "2030-07-01T12:00:30Z" });
    await page.goto(`${store.at}/discounts`); // tells the zone
    await page.goto(`${store.at}/discounts/${made.id}`);
    await expect(page.getByLabel("Ends")).toHaveValue("2030-07-01T08:00");
    await page.getByLabel("Begins").fill("2026-01-02T09:00");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("The discount was saved.")).toBeVisible();
    expect(await merchant.get(`${store.api}/discounts/${made.id}`)).toMatchObject({ starts_at: "2026-01-02T14:00:00Z", expires_at: "2030-07-01T12:00:30Z" });
  });
});

test("a tax rule is added, changed and deleted", async ({ page, merchant }) => {
  const store = await merchant.store();
  await page.goto(`${store.at}/tax-rules`);
  await accessible(page);
  await page.getByRole("link", { name: "Add tax rule" }).first().click();
  await page.getByLabel("Name").fill("VAT");
  await page.getByLabel("Country").fill("ZZ");
  await page.getByLabel("Rate").fill("nineteen");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText('Must be a decimal number such as "12.99".')).toBeVisible();
  await accessible(page);
  await page.getByLabel("Rate").fill("19");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Must be an ISO 3166 country code such as US.")).toBeVisible();
  await page.getByLabel("Country").fill("de");
  await page.getByLabel("Applies to shipping").check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("row", { name: /VAT/ })).toContainText("19%");
  await page.getByRole("link", { name: "Edit VAT" }).click();
  await page.getByLabel("Rate").fill("8.375");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("row", { name: /VAT/ })).toContainText("8.375%");
  await page.getByRole("link", { name: "Delete VAT" }).click();
  await expect(page.locator("dialog[open]")).toBeVisible();
  await accessible(page);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("link", { name: "Delete VAT" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Delete tax rule" }).click();
  await expect(page.getByRole("heading", { name: "No tax rules yet" })).toBeVisible();
});

test("on a phone and in the dark", async ({ page, merchant }) => {
  test.slow(); // axe looks at many pages
  const store = await merchant.store();
  const discount = await merchant.post(`${store.api}/discounts`, { code: "A-LONG-CODE-THAT-IS-HARD-TO-TYPE", type: "percentage", value: "10", usage_limit: 100 });
  await merchant.post(`${store.api}/tax-rules`, { name: "Value added tax", country: "DE", rate: "19" });
  await page.setViewportSize({ width: 390, height: 844 });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const path of ["discounts", "discounts/new", `discounts/${discount.id}`, "tax-rules", "tax-rules/new"]) {
      await page.goto(`${store.at}/${path}`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      await accessible(page);
    }
  }
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a discount and a tax rule are added all the same", async ({ page, merchant }) => {
    const store = await merchant.store();
    await merchant.post(`${store.api}/products`, { title: "Harbor Lamp" });
    await page.goto(`${store.at}/discounts/new`);
    await page.getByLabel("Code").fill("GLOW");
    await page.getByLabel("Value").fill("10");
    await page.getByLabel("Some products").check();
    await page.getByLabel("Find products").fill("lamp");
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByLabel("Harbor Lamp").check();
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("row", { name: /GLOW/ })).toContainText("1 product");
    await page.goto(`${store.at}/tax-rules/new`);
    await page.getByLabel("Name").fill("VAT");
    await page.getByLabel("Country").fill("DE");
    await page.getByLabel("Rate").fill("190");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.locator(".error")).toBeVisible();
    await page.getByLabel("Rate").fill("19");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("The tax rule was added.")).toBeVisible();
  });
});
