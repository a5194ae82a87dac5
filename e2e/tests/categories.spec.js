import { test, expect, accessible } from "../merchant.js";

test("categories are added below each other, moved and deleted", async ({ page, merchant }) => {
  const store = await merchant.store();
  await page.goto(`${store.at}/categories`);
  await expect(page.getByRole("heading", { name: "No categories yet" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Add category" }).first().click();
  await page.getByLabel("Name").fill("Drinks");
  await accessible(page);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The category was added.")).toBeVisible();
  await page.getByRole("link", { name: "Add a category below Drinks" }).click();
  await expect(page.getByLabel("Parent")).toContainText("Drinks");
  await page.getByLabel("Name").fill("Tea");
  await page.getByLabel("Address").fill("Not Good");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Must have 1 to 255 lower-case letters, digits, hyphens and underscores.")).toBeVisible();
  await accessible(page);
  await page.getByLabel("Address").fill("drinks");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText('The slug "drinks" is already used.')).toBeVisible();
  await page.getByLabel("Address").fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("row", { name: /Level 2: Tea/ })).toBeVisible();

  // A category cannot be put below itself: those are not among its parents.
  await page.getByRole("link", { name: "Edit Drinks" }).click();
  await expect(page.getByLabel("Parent").getByRole("option")).toHaveText(["None: at the top"]);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("link", { name: "Edit Drinks" })).toBeFocused();
  await page.getByRole("link", { name: "Delete Drinks" }).click();
  await accessible(page);
  await page.getByRole("button", { name: "Delete category" }).click();
  await expect(page.getByText("The category was deleted.")).toBeVisible();
  await expect(page.locator("tbody tr")).toHaveCount(1);
  const [tea] = await merchant.get(`${store.api}/categories`);
  expect(tea).toMatchObject({ name: "Tea", slug: "tea", parent_id: null });
  await page.getByRole("link", { name: "Products", exact: true }).nth(1).click();
  await expect(page).toHaveURL(new RegExp(`products\\?category=${tea.id}`));
});

test("themes are added, renamed, activated and deleted", async ({ page, merchant }) => {
  const store = await merchant.store();
  await page.goto(`${store.at}/themes`);
  await accessible(page);
  await page.getByRole("link", { name: "Add theme" }).click();
  await page.getByLabel("Name").fill("Summer");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The theme was added.")).toBeVisible();
  await page.getByRole("button", { name: "Activate Summer" }).click();
  await expect(page.getByText("Summer is the active theme now.")).toBeVisible();
  await expect(page.getByRole("row", { name: /Summer/ })).toContainText("Active");
  await page.getByRole("link", { name: "Edit Summer" }).click();
  await page.getByLabel("Name").fill(" ");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Must not be empty.")).toBeVisible();
  await accessible(page);
  await page.getByLabel("Name").fill("High summer");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The theme was saved.")).toBeVisible();
  await page.getByRole("link", { name: "Delete High summer" }).click();
  await expect(page.getByText("It is the active one")).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Delete theme" }).click();
  await expect(page.locator("tbody tr")).toHaveCount(1);
});

test("on a phone and in the dark", async ({ page, merchant }) => {
  test.slow(); // axe looks at many pages
  const store = await merchant.store();
  const top = await merchant.post(`${store.api}/categories`, { name: "A category with a long name that goes on" });
  await merchant.post(`${store.api}/categories`, { name: "Below it", parent_id: top.id });
  await page.setViewportSize({ width: 390, height: 844 });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const path of ["categories", "categories/new", "themes", "themes/new"]) {
      await page.goto(`${store.at}/${path}`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      await accessible(page);
    }
  }
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a category and a theme are added all the same", async ({ page, merchant }) => {
    const store = await merchant.store();
    await page.goto(`${store.at}/categories`);
    await page.getByRole("link", { name: "Add category" }).first().click();
    await page.getByLabel("Name").fill("Tea");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("The category was added.")).toBeVisible();
    await page.getByRole("link", { name: "Delete Tea" }).click();
    await page.getByRole("button", { name: "Delete category" }).click();
    await expect(page.getByText("The category was deleted.")).toBeVisible();
    await page.goto(`${store.at}/themes/new`);
    await page.getByLabel("Name").fill("Summer");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Activate Summer" }).click();
    await expect(page.getByText("Summer is the active theme now.")).toBeVisible();
  });
});
