import { test, expect, accessible, fits } from "../merchant.js";

// shop opens a store with own stock, a product and, unless it is null, its level.
async function shop(merchant, level = { quantity: 20, reorder_point: 5 }, fields = {}) {
  const store = await merchant.store({ name: "Pen Shop", store_type: "ecommerce", ...fields });
  const product = await merchant.post(`${store.api}/products`, { title: "Brass Pen", variants: [{ price: "12.50", sku: "BRA-101" }] });
  const [main] = await merchant.get(`${store.api}/warehouses`);
  const variant = product.variants[0];
  const set = level && await merchant.post(`${store.api}/inventory`, { variant_id: variant.id, ...level });
  return { store, product, variant, main, level: set };
}

const row = (page, name) => page.getByRole("row", { name });

test("27: an ecommerce store has its default warehouse from the start", async ({ page, merchant }) => {
  await page.goto("/dashboard/stores/new");
  await page.getByLabel("Store name").fill("Pen Shop");
  await page.getByLabel("Ecommerce").check();
  await page.getByRole("button", { name: "Create store" }).click();
  await page.getByRole("link", { name: "Warehouses", exact: true }).click();
  await expect(row(page, /Main Warehouse/)).toContainText("Default");
  await accessible(page);
});

// The choice of "What Is Ecommerce Mode?", word for word.
test("What Is Ecommerce Mode?: a store is created in one of three modes, and only Ecommerce and Hybrid get the Inventory and Warehouses sections", async ({ page, merchant }) => {
  const sections = name => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true });
  for (const [mode, about, owns] of [
    ["Dropshipping", "You list products from suppliers who ship directly to your customers. No inventory to manage.", false],
    ["Ecommerce", "You own and warehouse your products. Full inventory management is available.", true],
    ["Hybrid", "A mix of both. Some products come from suppliers, others from your own stock.", true],
  ]) {
    await page.goto("/dashboard/stores");
    await page.getByRole("link", { name: "Create store" }).last().click();
    await expect(page.getByText(about)).toBeVisible();
    await page.getByLabel("Store name").fill(`${mode} Shop`);
    await page.getByLabel(mode).check();
    await page.getByRole("button", { name: "Create store" }).click();
    await expect(page.getByRole("heading", { name: `${mode} Shop` })).toBeVisible();
    await expect(sections("Inventory")).toHaveCount(owns ? 1 : 0);
    await expect(sections("Warehouses")).toHaveCount(owns ? 1 : 0);
  }
});

// The steps of "Managing Warehouses", word for word.
test("28: a warehouse is added, becomes the default, is edited and deleted", async ({ page, merchant }) => {
  await merchant.store({ name: "Pen Shop", store_type: "ecommerce" });
  await page.goto("/dashboard");
  await page.getByRole("link", { name: "Warehouses", exact: true }).click();
  await expect(row(page, /Main Warehouse/)).toContainText("Default");
  await page.getByRole("link", { name: "Add Warehouse" }).click();
  const drawer = page.getByRole("dialog", { name: "Add Warehouse" });
  await accessible(page);
  await drawer.getByLabel("Warehouse name").fill(" ");
  await drawer.getByRole("button", { name: "Save" }).click();
  await expect(drawer.getByText("Must not be empty.")).toBeVisible();
  await accessible(page);
  for (const [label, value] of [["Warehouse name", "East Coast Warehouse"], ["Address", "123 Main St"], ["City", "New York"], ["State", "NY"], ["Country", "US"], ["ZIP code", "10001"]]) {
    await drawer.getByLabel(label).fill(value);
  }
  await drawer.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The warehouse was added.")).toBeVisible();
  const east = row(page, /East Coast Warehouse/);
  await expect(east).toContainText("123 Main St, New York, NY, 10001, US");
  await expect(east).not.toContainText("Default");

  // The default cannot be deleted, and says why.
  const remove = page.getByRole("button", { name: "Delete Main Warehouse" });
  await expect(remove).toBeDisabled();
  await expect(remove).toHaveAccessibleDescription("The default warehouse cannot be deleted: make another one the default first.");

  // Mark one warehouse as the default.
  await east.getByRole("button", { name: "Make default" }).click();
  await expect(page.getByText("East Coast Warehouse is the default warehouse now.")).toBeVisible();
  await expect(page.getByRole("row").nth(1)).toContainText("East Coast Warehouse");
  await expect(east).toContainText("Default");
  await accessible(page);

  // Edit, and delete the one that is no longer the default.
  await east.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("City").fill("Newark");
  await page.getByRole("checkbox", { name: /Default warehouse/ }).uncheck();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("A store keeps a default warehouse: set another one as default instead.")).toBeVisible();
  await accessible(page);
  await page.getByRole("checkbox", { name: /Default warehouse/ }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(east).toContainText("Newark");
  await page.getByRole("link", { name: "Delete Main Warehouse" }).click();
  await accessible(page);
  await page.getByRole("button", { name: "Delete warehouse" }).click();
  await expect(page.getByText("The warehouse was deleted.")).toBeVisible();
  await expect(row(page, /Main Warehouse/)).toHaveCount(0);
});

test("a warehouse that still holds stock is not deleted, and the dialog says so", async ({ page, merchant }) => {
  const { store, variant } = await shop(merchant);
  const east = await merchant.post(`${store.api}/warehouses`, { name: "East" });
  await merchant.post(`${store.api}/inventory`, { variant_id: variant.id, warehouse_id: east.id, quantity: 3 });
  await page.goto(`${store.at}/warehouses`);
  await page.getByRole("link", { name: "Delete East" }).click();
  await page.getByRole("button", { name: "Delete warehouse" }).click();
  await expect(page.getByText("The warehouse still holds 3 units")).toBeVisible();
  await accessible(page);
});

// The steps of "Tracking Inventory", word for word.
test("29: stock levels are set through the inventory page", async ({ page, merchant }) => {
  const { store } = await shop(merchant, null);
  await merchant.post(`${store.api}/warehouses`, { name: "East" });
  await page.goto("/dashboard");
  await page.getByRole("link", { name: "Inventory", exact: true }).click();
  await expect(page.getByRole("heading", { name: "No stock yet" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Set stock level" }).first().click();
  const drawer = page.getByRole("dialog", { name: "Set stock level" });
  await accessible(page);
  await drawer.getByLabel("Variant").selectOption({ label: "Brass Pen · BRA-101" });
  await expect(drawer.getByLabel("Warehouse")).toHaveValue(/./);
  await expect(drawer.getByLabel("Warehouse").locator("option:checked")).toHaveText("Main Warehouse");
  await drawer.getByLabel("Quantity", { exact: true }).fill("100");
  await drawer.getByLabel("Reorder point").fill("10");
  await drawer.getByLabel("Reorder quantity").fill("50");
  await drawer.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Brass Pen: 100 in Main Warehouse.")).toBeVisible();
  await expect(row(page, /Brass Pen/).getByRole("cell").nth(2)).toHaveText("100");
  await accessible(page);

  // The same variant again, at another warehouse and then at the same.
  await page.getByRole("link", { name: "Set stock level", exact: true }).click();
  await drawer.getByLabel("Warehouse").selectOption("East");
  await drawer.getByLabel("Quantity", { exact: true }).fill("7");
  await drawer.getByRole("button", { name: "Save" }).click();
  await expect(row(page, /Brass Pen/)).toHaveCount(2);
  await page.getByRole("link", { name: "Set stock level of Brass Pen at Main Warehouse" }).click();
  await expect(drawer.getByLabel("Reorder point")).toHaveValue("10");
  await drawer.getByLabel("Quantity", { exact: true }).fill("90");
  await drawer.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Brass Pen: 90 in Main Warehouse.")).toBeVisible();
  const levels = await merchant.get(`${store.api}/inventory`);
  expect(levels.map(l => [l.warehouse_name, l.quantity, l.reorder_point, l.reorder_quantity]).sort()).toEqual([["East", 7, 0, 0], ["Main Warehouse", 90, 10, 50]]);
});

test("setting less than is reserved is refused at the field", async ({ page, merchant }) => {
  const { store, level } = await shop(merchant);
  await merchant.post(`${store.api}/inventory/${level.id}/reserve`, { quantity: 4 });
  await page.goto(`${store.at}/inventory`);
  await page.getByRole("link", { name: /^Set stock level of/ }).click();
  await page.getByLabel("Quantity", { exact: true }).fill("3");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByLabel("Quantity", { exact: true })).toHaveAccessibleDescription("Of 20 on hand 4 are reserved; the quantity cannot be set to 3.");
  await accessible(page);
});

// The steps of "Low-Stock Alerts".
test("30: the low-stock badge appears when stock drops below the reorder point", async ({ page, merchant }) => {
  const { store } = await shop(merchant, { quantity: 12, reorder_point: 10, reorder_quantity: 50 });
  await page.goto(`${store.at}/inventory`);
  await expect(row(page, /Brass Pen/).getByText("Low", { exact: true })).toHaveCount(0);
  await page.getByRole("link", { name: /^Adjust/ }).click();
  await page.getByLabel("Change by").fill("-3");
  await page.getByLabel("Reason").selectOption("damaged");
  await page.getByRole("button", { name: "Save adjustment" }).click();
  await expect(page.getByText("The stock of Brass Pen was adjusted.")).toBeVisible();
  await expect(row(page, /Brass Pen/).getByText("Low", { exact: true })).toBeVisible();
  await expect(row(page, /Brass Pen/)).toContainText("order 50");

  // The Low Stock section, from its card.
  await page.getByRole("link", { name: "Review low stock" }).click();
  await expect(page.getByRole("region", { name: "Low Stock" }).getByRole("row", { name: /Brass Pen/ })).toBeVisible();
  await accessible(page);

  // On the dashboard: the summary and the section.
  await page.getByRole("link", { name: "Home", exact: true }).click();
  const summary = page.getByRole("region", { name: "Inventory Summary" });
  for (const [what, n] of [["Total warehouses", 1], ["Total units in stock", 9], ["Total units reserved", 0], ["At or below the reorder point", 1]]) {
    await expect(summary.locator("dl", { hasText: what }).locator("dd").first()).toHaveText(String(n));
  }
  const low = page.getByRole("region", { name: "Low Stock" });
  await low.getByRole("link", { name: /^Adjust/ }).click();
  await page.getByLabel("Change by").fill("50");
  await page.getByRole("button", { name: "Save adjustment" }).click();
  await expect(page.getByRole("region", { name: "Low Stock" })).toHaveCount(0);
  await expect(page).toHaveURL(new RegExp(`${store.at}$`));
});

test("an adjustment shows what it leads to, and a refusal at the field what is possible", async ({ page, merchant }) => {
  const { store } = await shop(merchant, { quantity: 159 });
  await page.goto(`${store.at}/inventory`);
  await page.getByRole("link", { name: /^Adjust/ }).click();
  const dialog = page.getByRole("dialog", { name: "Adjust stock" });
  await expect(dialog).toContainText("Brass Pen at Main Warehouse");
  await accessible(page);
  const change = dialog.getByLabel("Change by");
  await change.fill("-9");
  await expect(dialog.locator("output")).toHaveText("150");
  await change.fill("-9999");
  await dialog.getByRole("button", { name: "Save adjustment" }).click();
  await expect(change).toHaveAccessibleDescription("Only 159 on hand; you can remove at most 159.");
  await expect(change).toHaveValue("-9999");
  await accessible(page);
  await change.fill("0");
  await dialog.getByRole("button", { name: "Save adjustment" }).click();
  await expect(change).toHaveAccessibleDescription("Must not be 0.");
});

// What "Understanding Stock Numbers" explains.
test("Understanding Stock Numbers: Available is Quantity − Reserved", async ({ page, merchant }) => {
  const { store, product, variant } = await shop(merchant);
  await merchant.post(`${store.api}/orders`, { customer: { email: "ada@example.com" }, items: [{ variant_id: variant.id, quantity: 3 }] });
  await page.goto(`${store.at}/inventory/products/${product.id}`);
  for (const [column, n] of [["Quantity", "20"], ["Reserved", "3"], ["Available", "17"]]) {
    const at = (await page.getByRole("columnheader").allTextContents()).indexOf(column);
    await expect(page.getByRole("row").nth(1).locator("th, td").nth(at)).toHaveText(n);
  }
});

test("many levels are edited in the table with one submit", async ({ page, merchant }) => {
  const { store } = await shop(merchant);
  const cup = await merchant.post(`${store.api}/products`, { title: "Cup", variants: [{ price: "3.00" }] });
  await merchant.post(`${store.api}/inventory`, { variant_id: cup.variants[0].id, quantity: 7 });
  await page.goto(`${store.at}/inventory`);
  await page.getByRole("link", { name: "Bulk edit" }).click();
  const save = page.getByRole("button", { name: "Save changes" });
  await expect(save).toBeHidden();
  await page.getByLabel("On hand of Brass Pen").fill("31");
  await page.getByLabel("Reorder at of Cup").fill("9");
  await page.getByLabel("On hand of Cup").fill("-1");
  await page.locator("form[data-guard]").evaluate(form => { form.noValidate = true; });
  await save.click();
  await expect(page.getByText("Nothing was changed yet")).toBeVisible();
  await expect(page.getByLabel("On hand of Cup")).toHaveAccessibleDescription(/must be from 0 to/i);
  await expect(page.getByLabel("On hand of Brass Pen")).toHaveValue("31");
  await accessible(page);
  await page.getByLabel("On hand of Cup").fill("8");
  await save.click();
  await expect(page.getByText("2 levels changed.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Bulk edit" })).toBeVisible();
  const levels = await merchant.get(`${store.api}/inventory`);
  expect(levels.map(l => [l.product_title, l.quantity, l.reorder_point])).toEqual([["Cup", 8, 9], ["Brass Pen", 31, 5]]);

  const file = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export" }).click();
  expect((await file).suggestedFilename()).toBe(`${store.slug}-inventory.csv`);
});

test("adjusting by the keyboard alone", async ({ page, merchant }) => {
  const { store } = await shop(merchant);
  await page.goto(`${store.at}/inventory`);
  const link = page.getByRole("link", { name: /^Adjust/ });
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  for (let i = 0; i < 20 && !(await link.evaluate(e => e === document.activeElement)); i++) await page.keyboard.press("Tab");
  await expect(link).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Change by")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(link).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Change by")).toBeFocused();
  await page.keyboard.type("-4");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Dam");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByText("The stock of Brass Pen was adjusted.")).toBeVisible();
  const [level] = await merchant.get(`${store.api}/inventory`);
  expect(level.quantity).toBe(16);
  const [last] = await merchant.get(`${store.api}/inventory/${level.id}/adjustments`);
  expect(last.reason).toBe("damaged");
});

// The steps of "Adjustment History", word for word.
test("View History on a product's inventory detail page shows the full audit trail", async ({ page, merchant }) => {
  const { store, variant, level } = await shop(merchant);
  const adjust = (quantity_change, reason, more) => merchant.post(`${store.api}/inventory/${level.id}/adjust`, { quantity_change, reason, ...more });
  await adjust(10, "received", { reference_id: "PO-1042", notes: "From the supplier" });
  await adjust(-2, "damaged");
  await adjust(1, "correction");
  const east = await merchant.post(`${store.api}/warehouses`, { name: "East" });
  await merchant.post(`${store.api}/inventory/transfers`, { variant_id: variant.id, from_warehouse_id: level.warehouse_id, to_warehouse_id: east.id, quantity: 4 });
  const order = await merchant.post(`${store.api}/orders`, { customer: { email: "ada@example.com" }, items: [{ variant_id: variant.id, quantity: 3 }] });
  for (const move of ["pay", "fulfill", "return"]) await merchant.post(`${store.api}/orders/${order.id}/${move}`);

  await page.goto(`${store.at}/inventory`);
  await page.getByRole("rowheader", { name: /Brass Pen/ }).first().getByRole("link").click();
  await expect(page.getByRole("heading", { name: "Brass Pen" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "View History of Brass Pen at Main Warehouse" }).click();
  const drawer = page.getByRole("dialog", { name: "History" });
  const entries = drawer.getByRole("listitem");
  await expect(entries).toHaveCount(8);
  for (const [i, texts] of [["+3", "Returned", "25 on hand, 0 reserved"], ["−3", "Sold", `#${order.number}`], ["+3", "Reserved"], ["−4", "Transfer"], ["+1", "Correction"], ["−2", "Damaged"], ["+10", "Received", "PO-1042", "From the supplier", "by you"], ["+20", "Received"]].entries()) {
    for (const text of texts) await expect(entries.nth(i)).toContainText(text);
  }
  await expect(entries.first().locator("time")).toBeVisible();
  await accessible(page);
  await entries.first().getByRole("link", { name: `#${order.number}` }).click();
  await expect(page).toHaveURL(new RegExp(`/orders/${order.id}$`));
});

test("a long history has pages", async ({ page, merchant }) => {
  const { store, level } = await shop(merchant, { quantity: 0 });
  for (let i = 1; i <= 22; i++) await merchant.post(`${store.api}/inventory/${level.id}/adjust`, { quantity_change: i, reason: "received" });
  await page.goto(`${store.at}/inventory`);
  await page.getByRole("link", { name: /^View History/ }).click();
  const entries = page.getByRole("dialog").getByRole("listitem");
  await expect(entries).toHaveCount(20);
  await page.getByRole("link", { name: "Older" }).click();
  await expect(entries).toHaveCount(3);
  await expect(entries.last()).toContainText("0 on hand");
  await accessible(page);
  await page.getByRole("link", { name: "Newest" }).click();
  await expect(entries.first()).toContainText("+22");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("link", { name: /^View History/ })).toBeFocused();
});

test("stock moves from one warehouse to another", async ({ page, merchant }) => {
  const { store } = await shop(merchant);
  await page.goto(`${store.at}/inventory`);
  await page.getByRole("link", { name: /^Transfer/ }).click();
  await expect(page.getByText("There is only one warehouse.")).toBeVisible();
  await accessible(page);
  await merchant.post(`${store.api}/warehouses`, { name: "East" });
  await page.reload();
  await page.getByRole("link", { name: /^Transfer/ }).click();
  await page.getByLabel("Units").fill("21");
  await page.getByRole("button", { name: "Transfer" }).click();
  await expect(page.getByLabel("Units")).toHaveAccessibleDescription("Only 20 are available there, not 21.");
  await accessible(page);
  await page.getByLabel("Units").fill("8");
  await page.getByRole("button", { name: "Transfer" }).click();
  await expect(page.getByText("8 of Brass Pen were moved.")).toBeVisible();
  await expect(row(page, /East/).getByRole("cell").nth(2)).toHaveText("8");
  await expect(row(page, /Main Warehouse/).getByRole("cell").nth(2)).toHaveText("12");
});

test("the list is narrowed by tab, warehouse and word, and leads through its pages", async ({ page, merchant }) => {
  const { store, main } = await shop(merchant);
  const variants = Array.from({ length: 30 }, (_, i) => ({ price: "1.00", sku: `INK-${i}`, option_values: { No: String(i) } }));
  const ink = await merchant.post(`${store.api}/products`, { title: "Ink", options: [{ name: "No", values: variants.map((_, i) => String(i)) }], variants });
  const east = await merchant.post(`${store.api}/warehouses`, { name: "East" });
  await merchant.post(`${store.api}/inventory/bulk`, { items: ink.variants.map((v, i) => ({ variant_id: v.id, warehouse_id: i ? main.id : east.id, quantity: i < 2 ? 0 : 30 })) });
  await page.goto(`${store.at}/inventory`);
  const rows = page.locator("tbody tr");
  await expect(rows).toHaveCount(25);
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(rows).toHaveCount(6);
  await page.getByRole("link", { name: "First page" }).click();
  await page.getByRole("link", { name: "Out of stock" }).click();
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText("Out of stock");
  await page.getByLabel("Warehouse", { exact: true }).selectOption("East");
  await expect(rows).toHaveCount(1);
  await page.getByRole("searchbox").fill("brass");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Nothing found" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Show all" }).click();
  await expect(rows).toHaveCount(25);
});

test("among many products a search finds the variant to count", async ({ page, merchant }) => {
  const { store } = await shop(merchant, null);
  for (let i = 0; i < 20; i++) await merchant.post(`${store.api}/products`, { title: `Ink ${i}`, variants: [{ price: "1.00" }] });
  await page.goto(`${store.at}/inventory`);
  await page.getByRole("link", { name: "Set stock level" }).first().click();
  await page.getByLabel("Find a product").pressSequentially("bra-1");
  await expect(page.getByLabel("Variant").locator("option")).toHaveText(["Brass Pen · BRA-101"]);
  await accessible(page);
  await page.getByLabel("Quantity", { exact: true }).fill("5");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Brass Pen: 5 in Main Warehouse.")).toBeVisible();
});

test("a dropshipping store has no inventory pages", async ({ page, merchant }) => {
  const store = await merchant.store({ name: "Dropped" });
  await page.goto(store.at);
  for (const name of ["Inventory", "Warehouses"]) await expect(page.getByRole("link", { name, exact: true })).toHaveCount(0);
  for (const path of ["inventory", "warehouses", "inventory/set"]) {
    const answer = await page.goto(`${store.at}/${path}`);
    expect(answer.status()).toBe(400);
    await expect(page.getByText("this store does not manage inventory")).toBeVisible();
  }
  await accessible(page);
});

test("stock of others is not found", async ({ page, merchant, request }) => {
  const { store, level } = await shop(merchant);
  const other = await merchant.store({ name: "Other", store_type: "ecommerce" });
  for (const path of [`inventory/levels/${level.id}/adjust`, `inventory/levels/x/history`, `warehouses/${level.warehouse_id}`]) {
    expect((await page.goto(`${other.at}/${path}`)).status()).toBe(404);
  }
});

for (const colorScheme of ["light", "dark"]) {
  test.describe(`at 390 px, ${colorScheme}`, () => {
    test.use({ viewport: { width: 390, height: 844 }, colorScheme });

    test("nothing of the inventory is wider than the screen", async ({ page, merchant }) => {
      const { store, product, level } = await shop(merchant, { quantity: 3, reorder_point: 5 });
      for (const path of ["inventory", "inventory?stock=low", "inventory?edit=1", "warehouses", `inventory/products/${product.id}`, "inventory/set", `inventory/levels/${level.id}/adjust`, `inventory/levels/${level.id}/history`]) {
        await page.goto(`${store.at}/${path}`);
        await fits(page);
        await accessible(page);
      }
      await page.goto(`${store.at}/inventory`);
      await page.getByRole("link", { name: /^Adjust/ }).click();
      await expect(page.getByRole("dialog")).toBeInViewport({ ratio: 1 });
      await accessible(page);
    });
  });
}

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("warehouses and stock are managed all the same", async ({ page, merchant }) => {
    const { store } = await shop(merchant, null);
    await page.goto(`${store.at}/warehouses`);
    await page.getByRole("link", { name: "Add Warehouse" }).click();
    await page.getByLabel("Warehouse name").fill("East");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row", { name: /East/ }).getByRole("button", { name: "Make default" }).click();
    await page.getByRole("link", { name: "Delete Main Warehouse" }).click();
    await page.getByRole("button", { name: "Delete warehouse" }).click();
    await expect(page.getByText("The warehouse was deleted.")).toBeVisible();
    await page.getByRole("link", { name: "Inventory", exact: true }).click();
    await page.getByRole("link", { name: "Set stock level" }).first().click();
    await page.getByLabel("Quantity", { exact: true }).fill("20");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByLabel("Warehouse", { exact: true }).selectOption("East");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.getByRole("link", { name: /^Adjust/ }).click();
    await page.getByLabel("Change by").fill("-30");
    await page.getByRole("button", { name: "Save adjustment" }).click();
    await expect(page.getByText("Only 20 on hand; you can remove at most 20.")).toBeVisible();
    await page.getByLabel("Change by").fill("-5");
    await page.getByRole("button", { name: "Save adjustment" }).click();
    await expect(page.getByText("The stock of Brass Pen was adjusted.")).toBeVisible();
    await expect(page).toHaveURL(/warehouse=/);
    await page.getByRole("link", { name: /^View History/ }).click();
    await expect(page.getByRole("listitem").filter({ hasText: "Correction" }).or(page.getByText("15 on hand, 0 reserved"))).toBeVisible();
  });
});
