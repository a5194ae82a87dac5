import { test, expect, accessible } from "../merchant.js";

// A picture that this server has: others could not be loaded here.
const picture = baseURL => `${baseURL}/demo/pictures/harbor-table-lamp.svg`;

// front is where a store is on a host of its own.
const front = (baseURL, store) => baseURL.replace("localhost", `${store.slug}.localhost`);

// shop opens a store with a lamp in two colors and two sizes, a bowl and a category.
async function shop(merchant, baseURL, fields = {}) {
  const store = await merchant.store({ name: "Lamp House", niche: "Light", description: "Lamps that are made to last.", store_type: "ecommerce", ...fields });
  const category = await merchant.post(`${store.api}/categories`, { name: "Lamps", description: "For tables and floors." });
  const lamp = await merchant.post(`${store.api}/products`, {
    title: "Harbor Lamp", description: "<p>Brass and linen.</p>", images: [{ url: picture(baseURL), alt: "A lamp on a table" }], category_ids: [category.id],
    options: [{ name: "Color", values: ["Brass", "Black"] }, { name: "Size", values: ["Small", "Large"] }],
    variants: ["Brass", "Black"].flatMap(Color => ["Small", "Large"].map(Size => ({ price: Size === "Large" ? "120.00" : "80.00", sku: `${Color}-${Size}`, option_values: { Color, Size } }))),
  });
  for (const v of lamp.variants) if (v.sku !== "Black-Large") await merchant.post(`${store.api}/inventory`, { variant_id: v.id, quantity: 5 });
  await merchant.post(`${store.api}/products`, { title: "Reading Lamp", category_ids: [category.id], variants: [{ price: "60.00", compare_at_price: "75.00", allow_backorder: true }] });
  await merchant.post(`${store.api}/products`, { title: "Oak Bowl", variants: [{ price: "30.00", allow_backorder: true }] });
  return { ...store, lamp, category, front: front(baseURL, store) };
}

const fits = page => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

test("a shopper comes in, looks around, searches and chooses a variant", async ({ page, merchant, baseURL }) => {
  const store = await shop(merchant, baseURL);
  await page.goto(store.front);
  await expect(page).toHaveTitle("Lamp House · Light");
  await expect(page.getByRole("heading", { name: "New in" })).toBeVisible();
  await accessible(page);
  await page.getByRole("navigation", { name: "Categories" }).getByRole("link", { name: "Lamps" }).click();
  await expect(page.getByRole("heading", { name: "Lamps", level: 1 })).toBeVisible();
  await expect(page.getByRole("link", { name: /Reading Lamp/ })).toContainText("$60.00");
  await expect(page.getByRole("link", { name: /Oak Bowl/ })).toHaveCount(0);
  await accessible(page);
  await page.getByLabel("Sort by").selectOption("Price, high to low");
  await expect(page).toHaveURL(/sort=price_desc/);
  await expect(page.locator(".card-title").first()).toHaveText("Harbor Lamp");

  await page.getByRole("searchbox", { name: "Search products" }).fill("harbor");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Results for “harbor”" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: /Harbor Lamp/ }).click();
  await expect(page.getByRole("heading", { name: "Harbor Lamp" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Large" }).click();
  await expect(page.locator(".lead")).toHaveText("$120.00");
  await expect(page.getByRole("link", { name: "Large" })).toBeFocused();
  await page.getByRole("link", { name: "Black sold out" }).click();
  await expect(page.getByRole("button", { name: "Sold out" })).toBeDisabled();
  await accessible(page);
  await page.getByRole("link", { name: "Small" }).click();
  await expect(page.getByRole("button", { name: "Add to cart" })).toBeEnabled();
  await expect(page).toHaveURL(new RegExp(store.lamp.variants.find(v => v.sku === "Black-Small").id));
  expect((await page.context().cookies(store.front)).map(c => c.name).filter(name => name !== "vitrine_session")).toEqual([]); // that one is the merchant's
});

test("what a list cannot show is said where it was asked for", async ({ page, merchant, baseURL }) => {
  const store = await shop(merchant, baseURL);
  await page.goto(`${store.front}/products?q=nothing`);
  await expect(page.getByRole("heading", { name: "Nothing found" })).toBeVisible();
  await accessible(page);
  await page.goto(`${store.front}/products`);
  await page.getByLabel("Price from").fill("cheap");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("Must be an amount such as 25.00.")).toBeVisible();
  await expect(page.getByLabel("Price from")).toBeFocused();
  await accessible(page);
  await page.getByLabel("Price from").fill("70");
  await page.getByLabel("In stock").check();
  await expect(page).toHaveURL(/in_stock=1/);
  await expect(page.locator(".card-title")).toHaveText(["Harbor Lamp"]);
  await page.getByRole("link", { name: "Clear" }).click();
  await expect(page.locator(".card")).toHaveCount(3);
  expect((await page.goto(`${store.front}/nothing`)).status()).toBe(404);
  await expect(page.getByRole("heading", { name: "This page is not here" })).toBeVisible();
  await accessible(page);
  expect((await page.goto(baseURL.replace("localhost", "nobody-here.localhost"))).status()).toBe(404);
  await expect(page.getByRole("heading", { name: "There is no shop here" })).toBeVisible();
  await accessible(page);
});

test("a review is sent, waits, and shows once it is approved", async ({ page, merchant, baseURL }) => {
  const store = await shop(merchant, baseURL);
  await page.goto(`${store.front}/products/harbor-lamp`);
  await page.getByText("Write a review").click();
  await page.getByRole("button", { name: "Send review" }).click();
  await expect(page.getByText("Choose from one to five stars.")).toBeVisible();
  await accessible(page);
  await page.locator("label[for=rate-4]").click();
  await page.getByLabel("Your name").fill("Ada");
  await page.getByLabel("Your review").fill("It shines.");
  await page.getByRole("button", { name: "Send review" }).click();
  await expect(page.getByText("Your review waits for approval")).toBeVisible();
  await expect(page.getByText("It shines.")).toHaveCount(0);
  await accessible(page);
  const [review] = await merchant.get(`${store.api}/reviews`);
  await merchant.call("PATCH", `${store.api}/reviews/${review.id}`, { status: "approved" });
  await page.goto(`${store.front}/products/harbor-lamp`);
  await expect(page.getByText("It shines.")).toBeVisible();
  await expect(page.getByText("Rated 4.0 of 5 in").first()).toBeAttached();
  await accessible(page);
});

test.describe("in the dark, on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, colorScheme: "dark" });

  test("every page fits and can be read", async ({ page, merchant, baseURL }) => {
    const store = await shop(merchant, baseURL, { description: "Lamps ".repeat(40) });
    for (const path of ["/", "/products", "/categories/lamps", "/products?q=nothing", "/products?min=cheap", "/products/harbor-lamp", "/products/reading-lamp", "/nothing"]) {
      await page.goto(store.front + path);
      expect(await fits(page), path).toBe(true);
      await accessible(page);
    }
    await merchant.call("PATCH", store.api, { status: "paused" });
    await page.goto(`${store.front}/products/harbor-lamp`);
    await expect(page.getByText("This shop takes a break")).toBeVisible();
    await expect(page.getByRole("button", { name: "Add to cart" })).toHaveCount(0);
    await accessible(page);
  });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a variant is chosen, a list narrowed and a review sent, below the path too", async ({ page, merchant, baseURL }) => {
    const store = await shop(merchant, baseURL);
    await page.goto(`${baseURL}/s/${store.slug}`);
    await page.getByRole("link", { name: "Shop all products" }).click();
    await page.getByLabel("Category").selectOption({ label: "Lamps" });
    await page.getByLabel("Sort by").selectOption("Price, low to high");
    await page.getByRole("button", { name: "Apply" }).click();
    await expect(page.locator(".card-title")).toHaveText(["Reading Lamp", "Harbor Lamp"]);
    await page.getByRole("link", { name: /Harbor Lamp/ }).click();
    await page.getByRole("link", { name: "Large" }).click();
    await expect(page.locator(".lead")).toHaveText("$120.00");
    expect(new URL(page.url()).pathname).toBe(`/s/${store.slug}/products/harbor-lamp`);
    await page.getByText("Write a review").click();
    await page.getByLabel("Your name").fill("Ada");
    await page.getByRole("button", { name: "Send review" }).click();
    await expect(page.getByText("Choose from one to five stars.")).toBeVisible();
    await expect(page.getByLabel("Your name")).toHaveValue("Ada");
    await page.locator("label[for=rate-5]").click();
    await page.getByRole("button", { name: "Send review" }).click();
    await expect(page.getByText("Your review waits for approval")).toBeVisible();
  });
});

test("a change that a merchant makes shows with the next look", async ({ page, merchant, baseURL }) => {
  const store = await shop(merchant, baseURL);
  await page.goto(`${store.front}/products/oak-bowl`);
  await expect(page.locator(".lead")).toHaveText("$30.00");
  const [bowl] = await merchant.get(`${store.api}/products?q=bowl`);
  await merchant.call("PATCH", `${store.api}/products/${bowl.id}/variants/${bowl.variants[0].id}`, { price: "35.00" });
  await page.reload();
  await expect(page.locator(".lead")).toHaveText("$35.00");
});
