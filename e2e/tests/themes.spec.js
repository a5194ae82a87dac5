import { test, expect, accessible } from "../merchant.js";

async function shop(merchant) {
  const store = await merchant.store({ name: "Pen Shop", description: "Pens that write for a lifetime." });
  for (const title of ["Brass Pen", "Green Ink", "Blotter", "Paper"]) await merchant.post(`${store.api}/products`, { title, variants: [{ price: "12.50" }] });
  const [theme] = await merchant.get(`${store.api}/themes`);
  return { store, front: `/s/${store.slug}`, theme, editor: `${store.at}/themes/${theme.id}/look` };
}

test("a look is changed beside its preview, and shows once it is saved", async ({ page, merchant }) => {
  const { store, front, editor, theme } = await shop(merchant);
  await page.goto(`${store.at}/themes`);
  await page.getByRole("link", { name: /Customize/ }).click();
  await expect(page).toHaveURL(editor);
  const root = page.frameLocator("iframe[name=preview]").locator("html");
  await expect(root).toHaveClass(/look-atelier/);
  await page.getByLabel("Style").selectOption("Studio");
  await expect(root).toHaveClass(/look-studio/);
  await page.getByLabel("Rules").fill(".hero { outline: 7px solid rgb(1, 2, 3); } } </style><script>document.title = 'broken'</script>");
  const hero = page.frameLocator("iframe[name=preview]").locator(".hero");
  await expect(hero).toHaveCSS("outline-width", "7px");
  await page.getByLabel("Phone").check();
  await expect.poll(async () => (await page.locator("iframe[name=preview]").boundingBox()).width).toBeLessThanOrEqual(392);
  expect((await merchant.get(`${store.api}/themes/${theme.id}`)).settings).toEqual({});
  await accessible(page, "iframe[name=preview]");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The theme was saved.")).toBeVisible();
  await expect(page.locator(".savebar")).toBeHidden();
  expect((await merchant.get(`${store.api}/themes/${theme.id}`)).settings.theme).toBe("studio");
  await page.goto(front);
  await expect(page.locator("html")).toHaveClass(/look-studio/);
  await expect(page.locator(".hero")).toHaveCSS("outline-width", "7px");
  await page.goto(store.at);
  expect(await page.locator("link[href*='custom.css']").count()).toBe(0);
});

test("another style brings its own colors, and the preview shows other pages", async ({ page, merchant }) => {
  const { editor } = await shop(merchant);
  await page.goto(editor);
  const preview = page.frameLocator("iframe[name=preview]");
  const colors = () => page.locator("input[type=color]").evaluateAll(fields => fields.map(f => f.value));
  const atelier = await colors();
  await page.getByLabel("Accent").fill("#112233");
  await page.getByLabel("Style").selectOption("Market");
  await expect.poll(async () => (await colors())[0]).not.toBe(atelier[0]);
  expect((await colors())[2]).toBe("#112233");
  await page.getByLabel("Style").selectOption("Atelier");
  await expect.poll(colors).toEqual([atelier[0], atelier[1], "#112233"]);
  await page.getByLabel("Page of the preview").selectOption("A product");
  await expect(preview.getByRole("heading", { level: 1 })).toHaveText("Paper");
  await page.getByLabel("Page of the preview").selectOption("All products");
  await expect(preview.getByRole("heading", { level: 1 })).toHaveText("All products");
  await page.getByRole("link", { name: "Discard" }).click();
  await expect(page.getByLabel("Accent")).toHaveValue(atelier[2]);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a look is previewed and saved all the same", async ({ page, merchant }) => {
    const { store, editor, theme } = await shop(merchant);
    await page.goto(editor);
    await page.getByLabel("Style").selectOption("Market");
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.frameLocator("iframe[name=preview]").locator("html")).toHaveClass(/look-market/);
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("The theme was saved.")).toBeVisible();
    expect((await merchant.get(`${store.api}/themes/${theme.id}`)).settings.theme).toBe("market");
  });
});

for (const [width, colorScheme] of [[1440, "light"], [1440, "dark"], [390, "light"], [390, "dark"]]) {
  test.describe(`at ${width} px, ${colorScheme}`, () => {
    test.use({ viewport: { width, height: 900 }, colorScheme });

    for (const look of ["atelier", "market", "studio"]) {
      test(`the look ${look} can be read and fits the screen`, async ({ page, merchant }) => {
        const { store, front, theme, editor } = await shop(merchant);
        await merchant.call("PATCH", `${store.api}/themes/${theme.id}`, { settings: { theme: look } });
        for (const [name, path] of [["home", front], ["product", `${front}/products/brass-pen`], ["list", `${front}/products`], ["cart", `${front}/cart`], ["editor", editor]]) {
          await page.goto(path);
          await page.evaluate(() => document.fonts.ready);
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
          if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${look}-${name}-${width}-${colorScheme}.png` });
          await accessible(page, path === editor ? "iframe[name=preview]" : undefined);
        }
      });
    }
  });
}
