import { test, expect, accessible } from "../merchant.js";

const header = "Handle,Title,Variant SKU,Variant Price,Option1 Name,Option1 Value\n";
const file = text => ({ name: "products.csv", mimeType: "text/csv", buffer: Buffer.from(text) });

test("a file is looked at, then imported, and what is wrong is told by line", async ({ page, merchant }) => {
  const store = await merchant.store();
  await page.goto(`${store.at}/products`);
  await page.getByRole("link", { name: "Import CSV" }).first().click();
  await accessible(page);
  await page.getByLabel("CSV file").setInputFiles(file(`${header}mug,Mug,M-1,12.50,,\nbad,Bad,B-1,free,,\n`));
  await page.getByRole("button", { name: "Check file" }).click();
  await expect(page.getByRole("heading", { name: "1 row would be left out" })).toBeVisible();
  await expect(page.getByRole("row", { name: /^3 Variant Price/ })).toBeVisible();
  await accessible(page);
  expect(await merchant.get(`${store.api}/products`)).toEqual([]);

  await page.reload(); // it can be left and found again
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByText("The import is done.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "1 row left out" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "See the products" }).click();
  await expect(page.getByRole("row", { name: /Mug/ })).toContainText("$12.50");

  await page.goto(`${store.at}/import`);
  await page.getByLabel("CSV file").setInputFiles(file(`${header}mug,Mug,M-1,12.50,,\n`));
  await page.getByRole("button", { name: "Check file" }).click();
  await expect(page.getByText("Nothing would change: the store has all of this already.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Import", exact: true })).toHaveCount(0);
  await accessible(page);
});

test("a file that is no product CSV is refused at the field", async ({ page, merchant }) => {
  const store = await merchant.store();
  await page.goto(`${store.at}/import`);
  await page.getByLabel("CSV file").setInputFiles(file("just,something\n1,2\n"));
  await page.getByRole("button", { name: "Check file" }).click();
  await expect(page.locator("#file-error")).toBeVisible();
  await accessible(page);
  await page.getByLabel("CSV file").setInputFiles(file(""));
  await page.getByRole("button", { name: "Check file" }).click();
  await expect(page.getByText("Is empty.")).toBeVisible();
});

test("a file that was imported is not imported a second time", async ({ page, merchant }) => {
  const store = await merchant.store();
  await page.goto(`${store.at}/import`);
  await page.getByLabel("CSV file").setInputFiles(file(`${header}mug,Mug,M-1,12.50,,\n`));
  await page.getByRole("button", { name: "Check file" }).click();
  const other = await page.context().newPage();
  await expect(page.getByRole("button", { name: "Import", exact: true })).toBeVisible();
  await other.goto(page.url());
  await other.getByRole("button", { name: "Import", exact: true }).click();
  await expect(other.getByText("The import is done.")).toBeVisible();
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByText("This file was imported already")).toBeVisible();
  await accessible(page);
});

test("what is exported can be imported into another store", async ({ page, merchant }) => {
  const from = await merchant.store({ name: "From" }), to = await merchant.store({ name: "To" });
  await merchant.post(`${from.api}/products`, { title: "Oolong, loose", description: "Long\nleaves", tags: ["tea"], variants: [{ price: "12.50", sku: "OOL-1" }] });
  await page.goto(`${from.at}/products`);
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe(`${from.slug}-products.csv`);
  await page.goto(`${to.at}/import`);
  await page.getByLabel("CSV file").setInputFiles(await download.path());
  await page.getByRole("button", { name: "Check file" }).click();
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByText("The import is done.")).toBeVisible();
  const [product] = await merchant.get(`${to.api}/products`);
  expect(product).toMatchObject({ title: "Oolong, loose", description: "Long\nleaves", tags: ["tea"] });
});

test("another store's import is not there", async ({ page, merchant }) => {
  const one = await merchant.store({ name: "One" }), two = await merchant.store({ name: "Two" });
  await page.goto(`${one.at}/import`);
  await page.getByLabel("CSV file").setInputFiles(file(`${header}mug,Mug,M-1,12.50,,\n`));
  await page.getByRole("button", { name: "Check file" }).click();
  await expect(page.getByRole("button", { name: "Import", exact: true })).toBeVisible();
  const answer = await page.goto(page.url().replace(one.slug, two.slug));
  expect(answer.status()).toBe(404);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a file is imported all the same", async ({ page, merchant }) => {
    const store = await merchant.store();
    await page.goto(`${store.at}/import`);
    await page.getByLabel("CSV file").setInputFiles(file(`${header}mug,Mug,M-1,12.50,,\n`));
    await page.getByRole("button", { name: "Check file" }).click();
    await page.getByRole("button", { name: "Import", exact: true }).click({ timeout: 15_000 });
    await expect(page.getByText("The import is done.")).toBeVisible({ timeout: 15_000 });
    await expect(page.getByRole("link", { name: "See the products" })).toBeVisible();
  });
});
