import { accessible, expect, test } from "../merchant.js";

// reviewed has a shopper say something of a product.
async function reviewed(merchant, store, product, fields) {
  await merchant.post(`/storefront/${store.slug}/products/${product.slug}/reviews`, { author: "Ada", ...fields });
}

test("a review shows and counts once it is approved", async ({ page, merchant }) => {
  const store = await merchant.store();
  await page.goto(`${store.at}/reviews`);
  await expect(page.getByRole("heading", { name: "No reviews yet" })).toBeVisible();
  await accessible(page);

  const product = await merchant.post(`${store.api}/products`, { title: "Oolong" });
  await reviewed(merchant, store, product, { rating: 5, title: "Like a walk", body: "In the hills." });
  await reviewed(merchant, store, product, { rating: 1, title: "Buy my watches" });
  await page.reload();
  await accessible(page);
  const review = title => page.getByRole("listitem").filter({ hasText: title });
  await review("Like a walk").getByRole("button", { name: /Approve/ }).click();
  await expect(page.getByText("The review shows in your storefront now.")).toBeVisible();
  await review("Buy my watches").getByRole("button", { name: /Reject/ }).click();
  await page.getByRole("link", { name: "Waiting" }).click();
  await expect(page.getByRole("heading", { name: "Nothing here" })).toBeVisible();

  const seen = await merchant.get(`/storefront/${store.slug}/products/${product.slug}`);
  expect(seen.review_count).toBe(1);
  expect(seen.rating_average).toBe(5);
});

test("a member is invited, gets in, and sees what the role allows", async ({ page, merchant, browser, baseURL }) => {
  const store = await merchant.store();
  const email = `viewer-${merchant.email}`;
  await page.goto(`${store.at}/settings`);
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Members" }).click();
  await accessible(page);
  await page.getByRole("link", { name: "Invite member" }).click();
  await accessible(page);
  await page.getByLabel("Email").fill(merchant.email);
  await page.getByLabel("Viewer").check();
  await page.getByRole("button", { name: "Invite" }).click();
  await expect(page.getByText("is the owner of this store")).toBeVisible();
  await accessible(page);
  await page.getByLabel("Email").fill(email);
  await page.getByRole("button", { name: "Invite" }).click();
  await expect(page.getByRole("row", { name: new RegExp(email) })).toContainText("Invited");

  const guest = await browser.newContext({ baseURL });
  const theirs = await guest.newPage();
  await theirs.goto("/register");
  await theirs.getByLabel("Email").fill(email);
  await theirs.getByLabel("Password").fill("correct horse battery");
  await theirs.getByRole("button", { name: "Create account" }).click();
  await theirs.waitForURL(url => url.pathname !== "/register");
  await theirs.goto(`${store.at}/suppliers`);
  await expect(theirs.getByRole("heading", { name: "Suppliers", level: 1 })).toBeVisible();
  await expect(theirs.getByRole("link", { name: "Add supplier" })).toHaveCount(0);
  await accessible(theirs);
  await theirs.goto(`${store.at}/suppliers/new`);
  await expect(theirs.getByText("Your role in this store does not allow this: it takes staff.")).toBeVisible();
  await accessible(theirs);

  await page.reload();
  const row = page.getByRole("row", { name: new RegExp(email) });
  await row.getByRole("link", { name: /Change role/ }).click();
  await accessible(page);
  await page.getByRole("dialog").getByLabel("Staff").check();
  await page.getByRole("button", { name: "Change role" }).click();
  await expect(row).toContainText("Staff");
  await theirs.goto(`${store.at}/suppliers`);
  await expect(theirs.getByRole("link", { name: "Add supplier" }).first()).toBeVisible();

  await row.getByRole("link", { name: /Remove/ }).click();
  await page.getByRole("button", { name: "Remove member" }).click();
  await expect(row).toHaveCount(0);
  await theirs.reload();
  await expect(theirs.getByRole("heading", { name: "Not found" })).toBeVisible();
  await guest.close();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a member is invited and a review rejected all the same", async ({ page, merchant }) => {
    const store = await merchant.store();
    await page.goto(`${store.at}/settings/members`);
    await page.getByRole("link", { name: "Invite member" }).click();
    await page.getByLabel("Email").fill("later@example.com");
    await page.getByLabel("Admin").check();
    await page.getByRole("button", { name: "Invite" }).click();
    await expect(page.getByRole("row", { name: /later@example.com/ })).toContainText("Admin");

    const product = await merchant.post(`${store.api}/products`, { title: "Oolong" });
    await reviewed(merchant, store, product, { rating: 1, title: "Buy my watches" });
    await page.goto(`${store.at}/reviews`);
    await page.getByRole("button", { name: /Reject/ }).click();
    await expect(page.getByRole("listitem").filter({ hasText: "Buy my watches" })).toContainText("Rejected");
  });
});

test("on a phone and in the dark", async ({ page, merchant }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: "dark" });
  const store = await merchant.store();
  const product = await merchant.post(`${store.api}/products`, { title: "Oolong" });
  await reviewed(merchant, store, product, { rating: 4, title: "Like a walk", body: "In the hills." });
  for (const path of ["/reviews", "/settings/members"]) {
    await page.goto(store.at + path);
    await accessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  }
});
