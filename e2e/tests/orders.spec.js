import { test, expect, accessible } from "../merchant.js";

// shop opens a hybrid store that ships pens itself and has lanterns shipped.
async function shop(merchant) {
  const store = await merchant.store({ name: "Pen Shop", store_type: "hybrid" });
  const pen = await merchant.post(`${store.api}/products`, { title: "Brass Pen", variants: [{ price: "12.50", sku: "BRA-101" }] });
  const lantern = await merchant.post(`${store.api}/products`, { title: "Lantern", variants: [{ price: "30.00", sku: "LAN-1", track_inventory: false }] });
  const supplier = await merchant.post(`${store.api}/suppliers`, { name: "Leaf & Co" });
  await merchant.call("PUT", `${store.api}/products/${lantern.id}/suppliers/${supplier.id}`, { supplier_sku: "X-1", cost: "11.00", is_primary: true });
  const east = await merchant.post(`${store.api}/warehouses`, { name: "East" });
  const variant_id = pen.variants[0].id;
  await merchant.post(`${store.api}/inventory`, { variant_id, quantity: 4 });
  await merchant.post(`${store.api}/inventory`, { variant_id, warehouse_id: east.id, quantity: 3 });
  const place = (fields = {}) => merchant.post(`${store.api}/orders`, {
    customer: { email: "ada@example.com", name: "Ada Lovelace" },
    items: [{ variant_id, quantity: 1 }],
    shipping_address: { name: "Ada Lovelace", address: "1 High St", city: "London", state: "LDN", country: "GB", zip_code: "N1" },
    ...fields,
  });
  return { store, variant_id, lantern: lantern.variants[0].id, place };
}

const pills = page => page.locator(".page-head .pill");

test("an order goes from placed to paid, fulfilled and returned", async ({ page, merchant }) => {
  const { store, variant_id, lantern, place } = await shop(merchant);
  const order = await place({ items: [{ variant_id, quantity: 6 }, { variant_id: lantern, quantity: 2 }] });
  await page.goto(`${store.at}/orders`);
  await accessible(page);
  await page.getByRole("link", { name: `#${order.number}` }).click();
  await expect(pills(page)).toHaveText(["Unpaid", "Unfulfilled"]);
  const pens = page.getByRole("row", { name: /Brass Pen/ });
  await expect(pens).toContainText("4 from Main Warehouse");
  await expect(pens).toContainText("2 from East");
  await expect(page.getByRole("row", { name: /Lantern/ })).toContainText("Leaf & Co");
  await expect(page.getByText("$135.00")).toHaveCount(2);
  await expect(page.getByText("London, LDN N1")).toBeVisible();
  await accessible(page);

  const does = async (label, title) => {
    await page.getByRole("link", { name: label }).click();
    await expect(page.getByRole("dialog", { name: title })).toBeVisible();
    await accessible(page);
    await page.getByRole("button", { name: label }).click();
  };
  await does("Mark as paid", `Mark as paid: order #${order.number}?`);
  await expect(page.getByText(`Order #${order.number} is paid.`)).toBeVisible();
  await expect(page.getByRole("region", { name: "Suppliers ship" })).toContainText("2 × Lantern");
  await expect(page.getByRole("region", { name: "Suppliers ship" })).toContainText("$22.00");
  await does("Fulfill", `Fulfill order #${order.number}?`);
  await expect(pills(page)).toHaveText(["Paid", "Fulfilled"]);
  await expect(page.getByRole("link", { name: "Cancel order" })).toHaveCount(0);
  await does("Return", `Return order #${order.number}?`);
  await expect(pills(page)).toHaveText(["Refunded", "Returned"]);
  await expect(page.getByRole("region", { name: "Timeline" }).getByRole("listitem")).toContainText(["Returned and refunded", "Fulfilled", "Paid", "Placed"]);
  await accessible(page);
  expect((await merchant.get(`${store.api}/inventory/summary`)).total_in_stock).toBe(7);

  await page.getByRole("link", { name: "View as shopper" }).click();
  await expect(page.getByRole("heading", { name: "Your order came back" })).toBeVisible();
});

test("a move that is no longer possible is refused in the dialog", async ({ page, merchant }) => {
  const { store, place } = await shop(merchant);
  const order = await place();
  await page.goto(`${store.at}/orders/${order.id}`);
  await page.getByRole("link", { name: "Mark as paid" }).click();
  await merchant.post(`${store.api}/orders/${order.id}/cancel`);
  await page.getByRole("button", { name: "Mark as paid" }).click();
  await expect(page.getByText(`Order #${order.number} is cancelled and cannot be paid.`)).toBeVisible();
  await accessible(page);
});

test("orders are narrowed by tab and word", async ({ page, merchant }) => {
  const { store, place } = await shop(merchant);
  const first = await place();
  const second = await place({ customer: { email: "bob@example.com" } });
  await merchant.post(`${store.api}/orders/${first.id}/pay`);
  await page.goto(`${store.at}/orders`);
  const rows = page.locator("tbody tr");
  await expect(rows).toHaveCount(2);
  await page.getByRole("link", { name: "To ship" }).click();
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("Ada Lovelace");
  await page.getByRole("link", { name: "All", exact: true }).click();
  await page.getByRole("searchbox").fill("bob@");
  await page.keyboard.press("Enter");
  await expect(rows).toContainText(`#${second.number}`);
  await page.getByRole("link", { name: "Returned" }).click();
  await expect(page.getByRole("heading", { name: "No such orders" })).toBeVisible();
  await accessible(page);
});

test("customers have their totals and orders", async ({ page, merchant }) => {
  const { store, place } = await shop(merchant);
  await page.goto(`${store.at}/customers`);
  await expect(page.getByRole("heading", { name: "No customers yet" })).toBeVisible();
  await accessible(page);
  const order = await place();
  await merchant.post(`${store.api}/orders/${order.id}/pay`);
  await page.reload();
  await expect(page.getByRole("row", { name: /Ada Lovelace/ })).toContainText("$12.50");
  await accessible(page);
  await page.getByRole("link", { name: /Ada Lovelace/ }).click();
  await expect(page.getByRole("link", { name: `#${order.number}` })).toBeVisible();
  await accessible(page);
});

test("analytics and the first page tell what was sold", async ({ page, merchant }) => {
  const { store, place } = await shop(merchant);
  await page.goto(store.at);
  await expect(page.getByRole("heading", { name: "Set up your store" })).toBeVisible();
  await expect(page.getByText("Count your stock")).toContainText("(done)");
  await accessible(page);
  const order = await place();
  await merchant.post(`${store.api}/orders/${order.id}/pay`);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Set up your store" })).toHaveCount(0);
  await expect(page.getByRole("region", { name: "Today" })).toContainText("$12.50");
  await expect(page.getByRole("region", { name: "Orders to ship" }).getByRole("link", { name: `#${order.number}` })).toBeVisible();
  await accessible(page);

  await page.getByRole("link", { name: "Analytics" }).click();
  await expect(page.getByRole("img", { name: "Revenue by day" })).toBeVisible();
  await page.getByText("Show the numbers").click();
  await expect(page.getByRole("table", { name: "Revenue by day" }).locator("tbody tr")).toHaveCount(30);
  await expect(page.getByRole("table", { name: "Revenue by day" }).locator("tbody tr").last()).toContainText("$12.50");
  await accessible(page);
  await page.getByLabel("Range").selectOption("Last 7 days");
  await expect(page.getByRole("table", { name: "Revenue by day", includeHidden: true }).locator("tbody tr")).toHaveCount(7);
  await expect(page.getByRole("region", { name: "Top products" })).toContainText("Brass Pen");
});

test("orders of others are not found", async ({ page, merchant }) => {
  const { place } = await shop(merchant);
  const order = await place();
  const other = await merchant.store({ name: "Other" });
  const mine = await shop(merchant);
  const here = await mine.place();
  const paths = [`${other.at}/orders/${order.id}`, `${other.at}/orders/x`, `${other.at}/customers/${order.customer.id}`, `${mine.store.at}/orders/${here.id}/steal`];
  for (const path of paths) expect((await page.goto(path)).status()).toBe(404);
});

for (const colorScheme of ["light", "dark"]) {
  test.describe(`at 390 px, ${colorScheme}`, () => {
    test.use({ viewport: { width: 390, height: 844 }, colorScheme });

    test("nothing of the orders is wider than the screen", async ({ page, merchant }) => {
      const { store, place } = await shop(merchant);
      const order = await place();
      for (const path of ["", "/orders", `/orders/${order.id}`, `/orders/${order.id}/pay`, "/customers", `/customers/${order.customer.id}`, "/analytics"]) {
        await page.goto(store.at + path);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
        await accessible(page);
      }
    });
  });
}

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("an order is paid and cancelled all the same", async ({ page, merchant }) => {
    const { store, place } = await shop(merchant);
    const order = await place();
    await page.goto(`${store.at}/orders/${order.id}`);
    await page.getByRole("link", { name: "Mark as paid" }).click();
    await page.getByRole("button", { name: "Mark as paid" }).click();
    await page.getByRole("link", { name: "Cancel order" }).click();
    await page.getByRole("button", { name: "Cancel order" }).click();
    await expect(pills(page)).toHaveText(["Refunded", "Cancelled"]);
    await page.getByRole("link", { name: "Analytics" }).click();
    await page.getByLabel("Range").selectOption("Last 7 days");
    await page.getByRole("button", { name: "Show" }).click();
    await expect(page).toHaveURL(/days=7/);
  });
});
