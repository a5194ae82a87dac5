import { test, expect, accessible } from "../merchant.js";

test("the plan is changed, unless it is too small", async ({ page, merchant }) => {
  for (let i = 0; i < 3; i++) await merchant.store();
  await page.goto("/dashboard/account");
  await expect(page.getByText("3 of 3 stores").first()).toBeVisible();
  await accessible(page);
  await page.getByLabel("Growth").check();
  await page.getByRole("button", { name: "Change plan" }).click();
  await expect(page.getByText("Your plan was changed.")).toBeVisible();
  await merchant.store();
  await page.goto("/dashboard/account");
  await page.getByLabel("Free").check();
  await page.getByRole("button", { name: "Change plan" }).click();
  await expect(page.getByText("You have 4 stores, which is more than the free plan allows.")).toBeVisible();
  await accessible(page);
});

test("a token's secret is shown once, works, and can be revoked", async ({ page, merchant, request, baseURL }) => {
  await page.goto("/dashboard/account");
  const make = page.getByRole("link", { name: "Make token" });
  await make.click();
  await expect(page.locator("dialog[open]")).toBeVisible();
  await accessible(page);
  await page.keyboard.press("Escape");
  await expect(make).toBeFocused();
  await page.keyboard.press("Enter");
  await page.getByLabel("Name").fill("Warehouse robot");
  await page.getByLabel("Ends").selectOption("Never");
  await page.getByRole("dialog").getByRole("button", { name: "Make token" }).click();
  const secret = await page.getByLabel("The token").inputValue();
  await accessible(page);
  const me = () => request.get(`${baseURL}/api/v1/auth/me`, { headers: { Authorization: `Bearer ${secret}` } });
  expect((await me()).status()).toBe(200);
  await page.getByRole("link", { name: "Done" }).click();
  await expect(page.getByRole("row", { name: /Warehouse robot/ })).toContainText("Never");
  expect(await page.content()).not.toContain(secret);
  await page.getByRole("link", { name: "Revoke Warehouse robot" }).click();
  await accessible(page);
  await page.getByRole("button", { name: "Revoke token" }).click();
  await expect(page.getByText("The token was revoked.")).toBeVisible();
  expect((await me()).status()).toBe(401);
});

test("signing out everywhere else ends the other sessions", async ({ page, merchant, request, baseURL }) => {
  const login = await (await request.post(`${baseURL}/api/v1/auth/login`, { data: { email: merchant.email, password: merchant.password } })).json();
  await page.goto("/dashboard/account");
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(page.getByText("1 other session ended.")).toBeVisible();
  await expect(page.getByRole("row", { name: /This one/ })).toBeVisible();
  const gone = await request.get(`${baseURL}/api/v1/auth/me`, { headers: { Authorization: `Bearer ${login.access_token}` } });
  expect(gone.status()).toBe(401);
});

test("the palette leads to pages, products and stores by the keyboard", async ({ page, merchant }) => {
  const store = await merchant.store({ name: "Tea House" });
  await merchant.store({ name: "Teapot Hall" });
  const oolong = await merchant.post(`${store.api}/products`, { title: "Oolong tea" });
  await page.goto(`${store.at}/products`);
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Search" });
  await expect(palette.getByRole("link", { name: "Categories" })).toBeVisible();
  await accessible(page);
  await page.keyboard.type("tea");
  await expect(palette.getByRole("link", { name: /Oolong tea/ })).toBeVisible();
  await expect(palette.getByRole("link", { name: /Teapot Hall/ })).toBeVisible();
  await expect(palette.getByRole("link", { name: "Categories" })).toHaveCount(0);
  await accessible(page);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${store.at}/products/${oolong.id}`);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("discou");
  await expect(palette.getByRole("link")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${store.at}/discounts`);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("qqq");
  await expect(palette.getByText("Nothing is called “qqq”.")).toBeVisible();
  await accessible(page);
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
});

test("the kit stands in both themes", async ({ page, merchant }) => {
  await page.goto("/dashboard/kit");
  await expect(page.getByRole("heading", { name: "Kit" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Drawer" }).click();
  await expect(page.locator("dialog[open]")).toBeVisible();
  await accessible(page);
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Dialog" }).click();
  await expect(page.locator("dialog[open]")).toBeVisible();
  await accessible(page);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Toast" }).click();
  await expect(page.getByText("A toast says that something worked.")).toBeVisible();
  await accessible(page);
});

test("on a phone and in the dark", async ({ page, merchant }) => {
  test.slow(); // axe looks at many pages
  const store = await merchant.store();
  await page.setViewportSize({ width: 390, height: 844 });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const path of ["/dashboard/account", "/dashboard/account/tokens/new", `/dashboard/search?q=p&store=${store.slug}`, "/dashboard/kit"]) {
      await page.goto(path);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      await accessible(page);
    }
  }
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a token is made, and things are found, all the same", async ({ page, merchant }) => {
    const store = await merchant.store();
    await merchant.post(`${store.api}/products`, { title: "Oolong" });
    await page.goto("/dashboard/account");
    await page.getByRole("link", { name: "Make token" }).click();
    await page.getByLabel("Name").fill("Robot");
    await page.getByRole("button", { name: "Make token" }).click();
    await expect(page.getByLabel("The token")).toHaveValue(/^vtr_/);
    await page.goto(`/dashboard/search?store=${store.slug}`);
    await page.getByRole("searchbox").first().fill("oolong");
    await page.getByRole("button", { name: "Search", exact: true }).last().click();
    await page.getByRole("link", { name: /Oolong/ }).click();
    await expect(page.getByRole("heading", { name: "Oolong" })).toBeVisible();
  });
});
