import { test, expect, accessible } from "../merchant.js";

// A picture that this server has: others could not be loaded here.
const picture = baseURL => `${baseURL}/demo/pictures/harbor-table-lamp.svg`;

const products = (merchant, store) => merchant.get(`${store.api}/products`);

test("a product is added with a picture, a price and what search engines show", async ({ page, merchant, baseURL }) => {
  const store = await merchant.store({ currency: "EUR" });
  await merchant.post(`${store.api}/categories`, { name: "Lamps" });
  await page.goto(`${store.at}/products`);
  await expect(page.getByRole("heading", { name: "Add your first product" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Add product" }).first().click();
  await expect(page.getByRole("heading", { name: "Add product" })).toBeVisible();
  await accessible(page);

  await page.getByLabel("Title", { exact: true }).fill("Harbor Lamp");
  await expect(page.locator(".search-title")).toHaveText("Harbor Lamp");
  await page.getByLabel("Page title").fill("Harbor Lamp in brass");
  await expect(page.locator(".search-title")).toHaveText("Harbor Lamp in brass");
  await page.getByRole("button", { name: "Add image" }).click();
  await expect(page.getByLabel("Address").first()).toBeFocused();
  await page.keyboard.type(picture(baseURL));
  await page.getByLabel("Alt text").fill("A lamp");
  await page.getByLabel("Price", { exact: true }).fill("80,00");
  await page.getByLabel("SKU").fill("LAMP-1");
  await page.getByLabel("Lamps").check();
  await page.getByLabel("Tags").fill("brass, light");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The product was not saved: please look at the 1 field marked below.")).toBeVisible();
  await expect(page.getByText('Must be a decimal number such as "12.99".')).toBeVisible();
  await accessible(page);
  await page.getByLabel("Price", { exact: true }).fill("80.00");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The product was added.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Harbor Lamp" })).toBeVisible();
  await accessible(page);

  const [made] = await products(merchant, store);
  expect(made).toMatchObject({ title: "Harbor Lamp", status: "active", tags: ["brass", "light"], seo_title: "Harbor Lamp in brass", images: [{ url: picture(baseURL), alt: "A lamp", position: 1 }] });
  expect(made.variants).toMatchObject([{ title: "Default", price: "80.00", sku: "LAMP-1" }]);
  expect(made.category_ids).toHaveLength(1);
  await page.getByRole("link", { name: "Products" }).first().click();
  await expect(page.getByRole("row", { name: /Harbor Lamp/ })).toContainText("€80.00");
  await expect(page.getByRole("row", { name: /Harbor Lamp/ }).locator("img")).toHaveAttribute("src", picture(baseURL));
  await accessible(page);
});

test("a variant is made for each way to choose", async ({ page, merchant }) => {
  const store = await merchant.store();
  const product = await merchant.post(`${store.api}/products`, { title: "Shirt", variants: [{ price: "20.00", sku: "S-1", cost: "8.00" }] });
  await page.goto(`${store.at}/products/${product.id}`);
  await expect(page.getByRole("button", { name: "Save" })).toBeHidden();
  await page.getByRole("button", { name: "Add option" }).click();
  await page.getByLabel("Option", { exact: true }).fill("Size");
  await page.getByRole("button", { name: "Generate variants" }).click();
  await expect(page.getByText("Give each option a name and at least one value first.")).toBeVisible();
  await accessible(page);
  await page.getByLabel("Values").fill("S, M");
  await page.getByRole("button", { name: "Add option" }).click();
  await page.getByLabel("Option", { exact: true }).nth(1).fill("Colour");
  await page.getByLabel("Values").nth(1).fill("Red, Blue");
  await page.getByRole("button", { name: "Generate variants" }).click();
  await expect(page.locator(".matrix tbody tr")).toHaveCount(4);
  await accessible(page);
  await page.getByLabel("Price of M / Blue", { exact: true }).fill("22.00");
  await page.getByLabel("SKU of M / Blue").fill("S-1");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Is already used.").first()).toBeVisible();
  await accessible(page);
  await page.getByLabel("SKU of M / Blue").fill("S-4");
  await page.getByRole("button", { name: "Remove S / Blue" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The product was saved.")).toBeVisible();

  const [saved] = await products(merchant, store);
  expect(saved.options).toEqual([{ name: "Size", values: ["S", "M"] }, { name: "Colour", values: ["Red", "Blue"] }]);
  expect(saved.variants.map(v => [v.title, v.price, v.sku, v.cost])).toEqual([
    ["S / Red", "20.00", "S-1", "8.00"], ["M / Red", "20.00", null, "8.00"], ["M / Blue", "22.00", "S-4", "8.00"],
  ]);
  expect(saved.variants[0].id).toBe(product.variants[0].id);

  // A new name of an option goes through to the variants; a stored variant that is removed is deleted.
  await page.getByLabel("Option", { exact: true }).first().fill("Fit");
  await page.getByRole("button", { name: "Remove M / Red" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  // The page says that it was saved since the first time.
  await expect.poll(async () => (await products(merchant, store))[0].variants.map(v => v.option_values))
    .toEqual([{ Fit: "S", Colour: "Red" }, { Fit: "M", Colour: "Blue" }]);
});

test("a product of many variants is edited a part at a time", async ({ page, merchant }) => {
  const store = await merchant.store();
  const values = Array.from({ length: 130 }, (_, i) => `No. ${i + 1}`);
  const product = await merchant.post(`${store.api}/products`, { title: "Numbers", options: [{ name: "Number", values }], variants: values.map(v => ({ price: "1.00", option_values: { Number: v } })) });
  await page.goto(`${store.at}/products/${product.id}`);
  await expect(page.locator(".matrix tbody tr")).toHaveCount(100);
  await expect(page.getByText("1–100 of 130 variants")).toBeVisible();
  await page.getByRole("link", { name: "Next variants" }).click();
  await expect(page.locator(".matrix tbody tr")).toHaveCount(30);
  await page.getByLabel("Price of No. 130", { exact: true }).fill("2.50");
  await page.getByRole("button", { name: "Remove No. 129", exact: true }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The product was saved.")).toBeVisible();
  const saved = await merchant.get(`${store.api}/products/${product.id}`);
  expect(saved.variants).toHaveLength(129);
  expect(saved.variants.map(v => v.price).filter(price => price !== "1.00")).toEqual(["2.50"]);
});

test("a form that is sent twice adds one product", async ({ page, merchant }) => {
  const store = await merchant.store();
  await page.goto(`${store.at}/products/new`);
  await page.getByLabel("Title", { exact: true }).fill("Once");
  await page.getByLabel("Price", { exact: true }).fill("1");
  await page.getByRole("button", { name: "Save" }).dblclick();
  await expect(page.getByText("The product was added.")).toBeVisible();
  expect(await products(merchant, store)).toHaveLength(1);
});

test("images are moved and removed, suppliers linked", async ({ page, merchant, baseURL }) => {
  const store = await merchant.store();
  const images = ["one", "two", "three"].map(alt => ({ url: `${picture(baseURL)}?${alt}`, alt }));
  const product = await merchant.post(`${store.api}/products`, { title: "Lamp", images });
  for (const name of ["Leaf & Co", "Brass Works"]) await merchant.post(`${store.api}/suppliers`, { name });
  await page.goto(`${store.at}/products/${product.id}`);
  await page.getByRole("button", { name: "Move image 3 up" }).click();
  await expect(page.getByLabel("Alt text").nth(1)).toHaveValue("three");
  await page.getByRole("button", { name: "Remove image 1" }).click();
  await expect(page.getByLabel("Alt text")).toHaveCount(2);
  await page.getByLabel("Supplier to add").selectOption("Leaf & Co");
  await page.getByRole("button", { name: "Add supplier" }).click();
  await expect(page.getByLabel("Primary supplier")).toBeChecked();
  await page.getByLabel("Supplier to add").selectOption("Brass Works");
  await page.getByRole("button", { name: "Add supplier" }).click();
  await page.getByLabel("Primary supplier").nth(1).check();
  await page.getByLabel("Their SKU").nth(1).fill("BW-7");
  await page.locator("#suppliers").getByLabel("Cost").nth(1).fill("4");
  await accessible(page);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The product was saved.")).toBeVisible();
  const [saved] = await products(merchant, store);
  expect(saved.images.map(i => [i.alt, i.position])).toEqual([["three", 1], ["two", 2]]);
  expect(saved.suppliers.map(s => [s.supplier_sku, s.cost, s.is_primary]).sort()).toEqual([["BW-7", "4.00", true], [null, null, false]].sort());
});

test("what was not saved is asked for before it is lost", async ({ page, merchant }) => {
  const store = await merchant.store();
  const product = await merchant.post(`${store.api}/products`, { title: "Lamp" });
  await page.goto(`${store.at}/products/${product.id}`);
  const save = page.getByRole("button", { name: "Save" });
  await expect(save).toBeHidden();
  await page.getByLabel("Title", { exact: true }).fill("Lamp 2");
  await expect(save).toBeVisible();
  await accessible(page);
  let asked = 0;
  page.on("dialog", dialog => { asked++; dialog.dismiss(); });
  await page.getByRole("link", { name: "Orders" }).click();
  await expect.poll(() => asked).toBe(1);
  await page.getByRole("link", { name: "Discard" }).click();
  await expect(page.getByLabel("Title", { exact: true })).toHaveValue("Lamp");
  expect(asked).toBe(1);
});

test("the list is narrowed by status, words and category, and says when there is nothing", async ({ page, merchant }) => {
  const store = await merchant.store();
  const tea = await merchant.post(`${store.api}/categories`, { name: "Tea" });
  await merchant.post(`${store.api}/categories`, { name: "Green", parent_id: tea.id });
  await merchant.post(`${store.api}/products`, { title: "Oolong", category_ids: [tea.id], variants: [{ price: "5.00" }, { price: "9.50" }] });
  await merchant.post(`${store.api}/products`, { title: "Kettle", status: "draft" });
  await page.goto(`${store.at}/products`);
  await expect(page.locator("tbody tr")).toHaveCount(2);
  await page.getByRole("link", { name: "Draft", exact: true }).click();
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await expect(page.getByRole("row", { name: /Kettle/ })).toBeVisible();
  await page.getByRole("link", { name: "All", exact: true }).click();
  await page.getByLabel("Category").selectOption({ label: "Tea" });
  await expect(page).toHaveURL(/category=/);
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await expect(page.getByRole("row", { name: /Oolong/ })).toContainText("$5.00 – $9.50");
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox").first()).toBeFocused();
  await page.keyboard.type("kettle");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Nothing found" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Show all products" }).click();
  await expect(page.locator("tbody tr")).toHaveCount(2);
});

test("many products are changed and deleted at once", async ({ page, merchant }) => {
  const store = await merchant.store();
  for (const title of ["One", "Two", "Three"]) await merchant.post(`${store.api}/products`, { title });
  await page.goto(`${store.at}/products`);
  await expect(page.getByRole("button", { name: "Archive" })).toBeHidden();
  await page.getByLabel("Select One").check();
  await page.getByLabel("Select Two").check();
  await accessible(page);
  await page.getByRole("button", { name: "Archive" }).click();
  await expect(page.getByText("2 products archived.")).toBeVisible();
  await page.getByRole("link", { name: "Archived", exact: true }).click();
  await page.getByLabel("Select all products on this page").check();
  await expect(page.getByLabel("Select One")).toBeChecked();
  await page.getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete 2 products?" });
  await expect(dialog).toBeVisible();
  await accessible(page);
  await dialog.getByRole("button", { name: "Delete 2 products" }).click();
  await dialog.getByLabel("Type 2 products to go on").fill("yes");
  await dialog.getByRole("button", { name: "Delete 2 products" }).click();
  await expect(dialog.getByText("Must be 2 products.")).toBeVisible();
  await accessible(page);
  await dialog.getByLabel("Type 2 products to go on").fill("2 products");
  await dialog.getByRole("button", { name: "Delete 2 products" }).click();
  await expect(page.getByText("2 products deleted.")).toBeVisible();
  expect((await products(merchant, store)).map(p => p.title)).toEqual(["Three"]);
});

test("a product is deleted only after its title was typed", async ({ page, merchant }) => {
  const store = await merchant.store();
  const product = await merchant.post(`${store.api}/products`, { title: "Lamp", variants: [{}, {}] });
  await page.goto(`${store.at}/products/${product.id}`);
  const link = page.getByRole("link", { name: "Delete" });
  await link.click();
  await expect(page.getByText("Lost with it: 2 variants")).toBeVisible();
  await accessible(page);
  await page.keyboard.press("Escape");
  await expect(link).toBeFocused();
  await page.keyboard.press("Enter");
  await page.getByLabel("Type Lamp to go on").fill("Lamp");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Lamp was deleted.")).toBeVisible();
  expect(await products(merchant, store)).toEqual([]);
});

test("pages follow each other without a gap", async ({ page, merchant }) => {
  const store = await merchant.store();
  for (let i = 0; i < 28; i++) await merchant.post(`${store.api}/products`, { title: `Product ${i}` });
  await page.goto(`${store.at}/products`);
  await expect(page.locator("tbody tr")).toHaveCount(25);
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page.locator("tbody tr")).toHaveCount(3);
  await page.getByRole("link", { name: "First page" }).click();
  await expect(page.locator("tbody tr")).toHaveCount(25);
});

test("a product by the keyboard alone", async ({ page, merchant }) => {
  const store = await merchant.store();
  await page.goto(`${store.at}/products/new`);
  await page.getByLabel("Title", { exact: true }).focus();
  await page.keyboard.type("Keys");
  await page.getByLabel("Price", { exact: true }).focus();
  await page.keyboard.type("3.50");
  await page.keyboard.press("Enter");
  await expect(page.getByText("The product was added.")).toBeVisible();
  expect(await products(merchant, store)).toMatchObject([{ title: "Keys", images: [], variants: [{ price: "3.50" }] }]);
});

test("on a phone and in the dark", async ({ page, merchant }) => {
  test.slow(); // axe looks at many pages
  const store = await merchant.store();
  const product = await merchant.post(`${store.api}/products`, { title: "A rather long title of a thing that is sold", options: [{ name: "Size", values: ["S", "M"] }], variants: [{ option_values: { Size: "S" } }, { option_values: { Size: "M" } }] });
  await page.setViewportSize({ width: 390, height: 844 });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const path of ["products", "products/new", `products/${product.id}`, "import"]) {
      await page.goto(`${store.at}/${path}`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      await accessible(page);
    }
  }
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a product with variants is added, changed and deleted all the same", async ({ page, merchant, baseURL }) => {
    const store = await merchant.store();
    await page.goto(`${store.at}/products/new`);
    await page.getByLabel("Title", { exact: true }).fill("Plain");
    await page.getByRole("button", { name: "Add image" }).click();
    await page.getByLabel("Address").first().fill(picture(baseURL));
    await page.getByLabel("Price", { exact: true }).fill("9");
    await page.getByRole("button", { name: "Add option" }).click();
    await page.getByLabel("Option", { exact: true }).fill("Size");
    await page.getByLabel("Values").fill("S, M");
    await page.getByRole("button", { name: "Generate variants" }).click();
    await expect(page.getByLabel("Title", { exact: true })).toHaveValue("Plain");
    await page.getByLabel("Price of M", { exact: true }).fill("x");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText('Must be a decimal number such as "12.99".')).toBeVisible();
    await page.getByLabel("Price of M", { exact: true }).fill("10");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("The product was added.")).toBeVisible();
    const [made] = await products(merchant, store);
    expect(made.variants.map(v => [v.title, v.price])).toEqual([["S", "9.00"], ["M", "10.00"]]);
    expect(made.images).toHaveLength(1);

    await page.goto(`${store.at}/products`);
    await page.getByLabel("Select Plain").check();
    await page.getByRole("button", { name: "Make draft" }).click();
    await expect(page.getByText("1 product made draft.")).toBeVisible();
    await page.getByLabel("Select Plain").check();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByLabel("Type 1 product to go on").fill("1 product");
    await page.getByRole("button", { name: "Delete 1 product" }).click();
    await expect(page.getByText("1 product deleted.")).toBeVisible();
  });
});
