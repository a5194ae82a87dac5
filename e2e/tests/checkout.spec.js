import { test, expect, accessible } from "../merchant.js";

// shop opens a hybrid store with pens in stock; its pages are below front.
async function shop(merchant, quantity = 5) {
  const store = await merchant.store({ name: "Pen Shop", store_type: "hybrid" });
  const pen = await merchant.post(`${store.api}/products`, { title: "Brass Pen", variants: [{ price: "12.50", sku: "BRA-101" }] });
  const variant_id = pen.variants[0].id;
  await merchant.post(`${store.api}/inventory`, { variant_id, quantity });
  await merchant.post(`${store.api}/tax-rules`, { name: "VAT", country: "GB", rate: "20" });
  return { store, front: `/s/${store.slug}`, variant_id };
}

async function fill(page) {
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Full name").fill("Ada Lovelace");
  await page.getByLabel("Street and number").fill("1 High St");
  await page.getByLabel("Postal code").fill("N1");
  await page.getByLabel("City").fill("London");
  await page.getByLabel("Country").selectOption("GB");
}

// buy goes from the start of the shop to a paid order.
async function buy(page, front) {
  await page.goto(front);
  await page.getByRole("link", { name: /Brass Pen/ }).first().click();
  await page.getByLabel("Quantity").fill("2");
  await page.getByRole("button", { name: "Add to cart" }).click();
  await expect(page.getByText("Brass Pen is in your cart.")).toBeVisible();
  await page.getByRole("link", { name: "Check out" }).click();
  await fill(page);
  await page.getByRole("button", { name: "Continue to payment" }).click();
  await expect(page.getByText("Test payment", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Pay $30.00" }).click();
  await expect(page.getByRole("heading", { name: "Thank you for your order" })).toBeVisible();
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("a shopper goes from the start to a paid order, which the merchant sees", async ({ page, merchant }) => {
      const { store, front } = await shop(merchant);
      await buy(page, front);
      const [order] = await merchant.get(`${store.api}/orders`);
      expect([order.status, order.total, order.tax_total]).toEqual(["paid", "30.00", "5.00"]);
      await page.goto(`${store.at}/orders`);
      await expect(page.getByRole("row", { name: /Ada Lovelace/ })).toContainText("$30.00");
    });
  });
}

test("a payment that is declined is made again from the order's page", async ({ page, merchant }) => {
  const { front } = await shop(merchant);
  await page.goto(front);
  await page.getByRole("link", { name: /Brass Pen/ }).first().click();
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.getByRole("link", { name: "Check out" }).click();
  await fill(page);
  await page.getByRole("button", { name: "Continue to payment" }).click();
  await page.getByLabel("The bank declines").check();
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("alert")).toContainText("declined");
  await accessible(page);
  await page.getByRole("button", { name: /Pay now/ }).click();
  await expect(page.getByRole("heading", { name: "Thank you for your order" })).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "Shipped" })).toContainText("Still to come");
});

test("what is sold out meanwhile is said at its line, and the cart stays", async ({ page, merchant }) => {
  const { store, front, variant_id } = await shop(merchant);
  await page.goto(front);
  await page.getByRole("link", { name: /Brass Pen/ }).first().click();
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.getByRole("link", { name: "Check out" }).click();
  await fill(page);
  await page.getByRole("button", { name: "Continue to payment" }).click();
  await merchant.post(`${store.api}/inventory`, { variant_id, quantity: 0 });
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("alert")).toContainText("Nothing was ordered");
  await expect(page.getByText("This is sold out.")).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Back to the cart" }).click();
  await expect(page.getByRole("listitem", { name: "Brass Pen" })).toContainText("This is sold out.");
  await accessible(page);
  await page.getByRole("button", { name: "Take it out" }).click();
  await expect(page.getByRole("heading", { name: "Your cart is empty" })).toBeVisible();
  await accessible(page);
});

test("an order is placed by the keyboard alone", async ({ page, merchant }) => {
  const { store, front, variant_id } = await shop(merchant);
  await page.goto(`${front}/products/brass-pen?variant=${variant_id}`);
  const press = async (locator, key = "Enter") => { await tabTo(page, locator); await page.keyboard.press(key); };
  await press(page.getByRole("button", { name: "Add to cart" }));
  await press(page.getByRole("link", { name: "Check out" }));
  for (const [label, text] of [["E-mail", "ada@example.com"], ["Full name", "Ada"], ["Street and number", "1 High St"], ["City", "London"], ["Country", "United K"]]) {
    await tabTo(page, page.getByLabel(label));
    await page.keyboard.type(text);
  }
  await press(page.getByRole("button", { name: "Continue to payment" }));
  await press(page.getByRole("button", { name: /^Pay/ }));
  await expect(page.getByRole("heading", { name: "Thank you for your order" })).toBeVisible();
  expect(await merchant.get(`${store.api}/orders`)).toHaveLength(1);
});

// tabTo presses Tab until the element has the focus.
async function tabTo(page, locator) {
  await expect(locator).toBeVisible();
  for (let i = 0; i < 60; i++) {
    if (await locator.evaluate(e => e === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("the keyboard does not get there");
}

for (const [width, colorScheme] of [[1440, "light"], [390, "light"], [390, "dark"]]) {
  test.describe(`at ${width} px, ${colorScheme}`, () => {
    test.use({ viewport: { width, height: 844 }, colorScheme });

    test("cart, checkout and order fit the screen and can be read", async ({ page, merchant }) => {
      const { front } = await shop(merchant);
      const fits = async name => {
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}-${width}-${colorScheme}.png`, fullPage: true });
        await accessible(page);
      };
      await page.goto(front);
      await page.getByRole("link", { name: /Brass Pen/ }).first().click();
      await page.getByRole("button", { name: "Add to cart" }).click();
      await fits("cart");
      await page.getByRole("link", { name: "Check out" }).click();
      await fits("checkout");
      await page.getByRole("button", { name: "Continue to payment" }).click();
      await expect(page.getByText("Enter your e-mail address.")).toBeVisible();
      await fits("checkout-error");
      await fill(page);
      await page.getByRole("button", { name: "Continue to payment" }).click();
      await expect(page.getByRole("heading", { name: "Payment", exact: true })).toBeVisible();
      await fits("payment");
      await page.getByRole("button", { name: /^Pay/ }).click();
      await expect(page.getByRole("heading", { name: "Thank you for your order" })).toBeVisible();
      await fits("order");
    });
  });
}
