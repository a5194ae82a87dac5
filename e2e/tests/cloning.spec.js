import { test, expect, accessible, onPhone } from "../merchant.js";

// The steps of "How to Clone a Store", word for word.
test("14: cloning from the store settings makes a store that appears in the list", async ({ page, merchant }) => {
  const store = await merchant.store({ name: "Tea House", store_type: "hybrid" });
  await merchant.post(`${store.api}/products`, { title: "Oolong", variants: [{ price: "12.50", sku: "OOL-1" }] });
  await merchant.post(`${store.api}/products`, { title: "Retired", status: "archived" });

  await page.goto("/dashboard");
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("heading", { name: "Store Settings" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Clone Store" }).click();
  const dialog = page.getByRole("dialog", { name: "Clone Store" });
  await expect(dialog.getByText("1 archived product")).toBeVisible();
  await expect(dialog.getByLabel("Name of the new store")).toHaveAttribute("placeholder", "Tea House (Copy)");
  await accessible(page);
  await dialog.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByText("Tea House (Copy) is ready.")).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "All stores" }).last().click();
  await expect(page.getByRole("row", { name: /Tea House \(Copy\)/ })).toContainText("Active");

  const stores = await merchant.get("/stores");
  expect(stores.map(s => s.slug)).toContain(`${store.slug}-copy`);
});

test("15: the clone has the same products, themes and discounts", async ({ page, merchant }) => {
  const store = await merchant.store({ name: "Lamp Shop" });
  await merchant.post(`${store.api}/products`, { title: "Harbor Lamp", variants: [{ price: "80.00" }] });
  await merchant.post(`${store.api}/discounts`, { code: "GLOW", type: "percentage", value: "10" });
  await page.goto(`${store.at}/settings`);
  await page.getByRole("link", { name: "Clone Store" }).click();
  await page.getByLabel("Name of the new store").fill("Second Lamp Shop");
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByRole("link", { name: "Open Second Lamp Shop" }).click();
  await expect(page).toHaveURL(/\/dashboard\/stores\/second-lamp-shop/);

  const clone = (await merchant.get("/stores")).find(s => s.name === "Second Lamp Shop");
  const of = async what => [await merchant.get(`${store.api}/${what}`), await merchant.get(`/stores/${clone.id}/${what}`)];
  const [products, copies] = await of("products");
  expect(copies.map(p => p.title)).toEqual(products.map(p => p.title));
  const [themes, copiedThemes] = await of("themes");
  expect(copiedThemes.map(t => [t.name, t.is_active])).toEqual(themes.map(t => [t.name, t.is_active]));
  const [, discounts] = await of("discounts");
  expect(discounts.map(d => [d.code, d.times_used])).toEqual([["GLOW-copy", 0]]);
});

// What "What to Expect After Cloning" promises.
test("What to Expect After Cloning: an active store with the products, prices and theme, codes with -copy and no orders", async ({ page, merchant }) => {
  const store = await merchant.store({ name: "Tea House" });
  const tea = await merchant.post(`${store.api}/products`, { title: "Oolong", variants: [{ price: "12.50", sku: "OOL-1" }, { price: "20.00", sku: "OOL-2", title: "Tin" }] });
  await merchant.post(`${store.api}/discounts`, { code: "SPRING", type: "percentage", value: "10" });
  await merchant.post(`${store.api}/orders`, { customer: { email: "ada@example.com" }, items: [{ variant_id: tea.variants[0].id, quantity: 1 }], discount_code: "SPRING" });
  await page.goto(`${store.at}/settings`);
  await page.getByRole("link", { name: "Clone Store" }).click();
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByRole("link", { name: "Open Tea House (Copy)" }).click();
  const go = name => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true }).click();
  await go("Products");
  await expect(page.getByRole("row", { name: /Oolong/ })).toContainText("$12.50 – $20.00");
  await go("Discounts");
  await expect(page.getByRole("row", { name: /SPRING-copy/ })).toContainText("0");
  await go("Orders");
  await expect(page.locator("tbody tr")).toHaveCount(0);
  await go("Customers");
  await expect(page.locator("tbody tr")).toHaveCount(0);
  await go("Storefront theme");
  await expect(page.getByText("Active", { exact: true })).toHaveCount(1);
  await page.goto("/dashboard/stores");
  await expect(page.getByRole("row", { name: /Tea House \(Copy\)/ })).toContainText("Active");
});

test("stores, settings, shipping and the clone dialog on a phone and in the dark", async ({ page, merchant }) => {
  const store = await merchant.store({ name: "Tea House", store_type: "hybrid", description: "Leaves from small gardens." });
  const tea = await merchant.post(`${store.api}/products`, { title: "Oolong", variants: [{ price: "12.50", track_inventory: false }] });
  await merchant.post(`${store.api}/orders`, { customer: { email: "ada@example.com" }, items: [{ variant_id: tea.variants[0].id, quantity: 1 }] });
  await merchant.post(`${store.api}/domain`, { domain: `${store.slug}-${Date.now()}.com` });
  await merchant.store({ name: "Bare" });
  await onPhone(page, ["/dashboard/stores", "/dashboard/stores/new", store.at, `${store.at}/settings`, `${store.at}/shipping`, `${store.at}/clone`, `${store.at}/delete`, `${store.at}/suppliers`, `${store.at}/suppliers/new`, `${store.at}/nothing`]);
  await page.goto(`${store.at}/settings`);
  await page.getByRole("link", { name: "Clone Store" }).click();
  await expect(page.getByRole("dialog", { name: "Clone Store" })).toBeVisible();
  await accessible(page);
});

test("shipping is set in the settings", async ({ page, merchant }) => {
  const store = await merchant.store();
  await page.goto(`${store.at}/settings`);
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Shipping" }).click();
  await page.getByLabel("Shipping rate").fill("4.999");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByLabel("Shipping rate")).toHaveAccessibleDescription(/decimal/);
  await accessible(page);
  await page.getByLabel("Shipping rate").fill("4.90");
  await page.getByLabel("Free from").fill("50");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Shipping was saved.")).toBeVisible();
  expect(await merchant.get(`${store.api}/shipping`)).toEqual({ rate: "4.90", free_over: "50.00", currency: "USD" });
});

// What "Limits" says: cloning counts as creating a new store.
test("at the plan's limit the dialog says so and does not clone", async ({ page, merchant }) => {
  const store = await merchant.store();
  await merchant.store();
  await merchant.store();
  await page.goto(`${store.at}/settings`);
  await page.getByRole("link", { name: "Clone Store" }).click();
  await expect(page.getByText("You have reached your plan's store limit")).toBeVisible();
  await expect(page.getByRole("button", { name: "Confirm" })).toBeDisabled();
  await accessible(page);
});

test("a clone by the keyboard alone", async ({ page, merchant }) => {
  const store = await merchant.store({ name: "Keys" });
  await page.goto(`${store.at}/settings`);
  const link = page.getByRole("link", { name: "Clone Store" });
  await link.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Clone Store" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(link).toBeFocused();
  await page.keyboard.press("Enter");
  await page.getByLabel("Name of the new store").press("Enter");
  await expect(page.getByText("Keys (Copy) is ready.")).toBeVisible();
});

test("settings ask before they are lost, and are saved", async ({ page, merchant }) => {
  const store = await merchant.store({ name: "Pens" });
  await page.goto(`${store.at}/settings`);
  await expect(page.getByRole("button", { name: "Save" })).toBeHidden();
  await page.getByLabel("Store name").fill("Pens & Ink");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The settings were saved.")).toBeVisible();
  await expect(page.getByLabel("Store name")).toHaveValue("Pens & Ink");
  await page.getByLabel("Currency").fill("XYZ");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Must be an ISO 4217 code such as USD.")).toBeVisible();
  await accessible(page);
});

test("a store is deleted only after its name was typed", async ({ page, merchant }) => {
  const store = await merchant.store({ name: "Gone" });
  await page.goto(`${store.at}/settings`);
  await page.getByRole("link", { name: "Delete store" }).click();
  await page.getByLabel("Type Gone to go on").fill("gone");
  await page.getByRole("button", { name: "Delete store" }).click();
  await expect(page.getByText("Must be the store's name, Gone.")).toBeVisible();
  await page.getByLabel("Type Gone to go on").fill("Gone");
  await page.getByRole("button", { name: "Delete store" }).click();
  await expect(page.getByText("Gone was deleted.")).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a store is cloned all the same", async ({ page, merchant }) => {
    const store = await merchant.store({ name: "Plain" });
    await page.goto(`${store.at}/settings`);
    await page.getByRole("link", { name: "Clone Store" }).click();
    await page.getByRole("button", { name: "Confirm" }).click();
    await expect(page.getByText("Plain (Copy) is ready.")).toBeVisible({ timeout: 15_000 });
  });
});
