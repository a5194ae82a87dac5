import { deflateSync } from "node:zlib";
import { test, expect, accessible } from "../merchant.js";

// png draws a file with a picture of one color.
function png(width, height, [red, green, blue]) {
  const table = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0; });
  const crc = bytes => { let c = ~0; for (const b of bytes) c = table[(c ^ b) & 255] ^ (c >>> 8); return ~c >>> 0; };
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]), out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length);
    body.copy(out, 4);
    out.writeUInt32BE(crc(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const row = Buffer.concat([Buffer.of(0), ...Array(width).fill(Buffer.of(red, green, blue))]);
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), chunk("IDAT", deflateSync(Buffer.concat(Array(height).fill(row)))), chunk("IEND", Buffer.alloc(0))]);
}

const file = (name, color, width = 400, height = 300) => ({ name, mimeType: "image/png", buffer: png(width, height, color) });
const red = file("red.png", [200, 30, 30]), green = file("green.png", [30, 160, 60]), blue = file("blue.png", [30, 60, 200]);

// shown is the color in the middle of a picture as the browser has drawn it.
const shown = image => image.evaluate(async img => {
  img.loading = "eager";
  await img.decode();
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d");
  context.drawImage(img, img.naturalWidth / 2, img.naturalHeight / 2, 1, 1, 0, 0, 1, 1);
  const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
  return r > g && r > b ? "red" : g > b ? "green" : "blue";
});

const thumbs = page => page.locator("#images img.thumb");
const images = async (merchant, store) => (await merchant.get(`${store.api}/products`))[0].images;

test("pictures are uploaded, put in order, described and shown", async ({ page, merchant }) => {
  const store = await merchant.store({ store_type: "ecommerce" });
  await page.goto(`${store.at}/products/new`);
  await page.getByLabel("Title", { exact: true }).fill("Mug");
  await expect(page.getByRole("button", { name: "Upload", exact: true })).toBeHidden();
  await page.getByLabel("Upload pictures").setInputFiles([red, green]);
  await expect(page.getByText("2 pictures were added.")).toBeVisible();
  await expect(thumbs(page)).toHaveCount(2);
  await page.getByLabel("Upload pictures").setInputFiles(blue);
  await expect(page.getByText("The picture was added.")).toBeVisible();
  await expect(thumbs(page)).toHaveCount(3);
  expect([await shown(thumbs(page).nth(0)), await shown(thumbs(page).nth(1)), await shown(thumbs(page).nth(2))]).toEqual(["red", "green", "blue"]);
  await accessible(page);

  await page.getByLabel("Alt text").nth(2).fill("A blue mug");
  await page.getByRole("button", { name: "Move image 3 up" }).click();
  await expect(page.getByLabel("Alt text").nth(1)).toHaveValue("A blue mug");
  await page.getByRole("button", { name: "Move image 2 up" }).click();
  await expect(page.getByLabel("Alt text").nth(0)).toHaveValue("A blue mug");
  await page.getByRole("button", { name: "Remove image 3" }).click();
  await expect(thumbs(page)).toHaveCount(2);
  await page.getByLabel("Price", { exact: true }).fill("9.00");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The product was added.")).toBeVisible();

  const kept = await images(merchant, store);
  expect(kept).toMatchObject([{ alt: "A blue mug", position: 1 }, { alt: null, position: 2 }]);
  expect(kept[0].url).toMatch(/^\/media\/[0-9a-f]{64}\/400\.webp$/);
  await page.goto(`${store.at}/products`);
  const inList = page.getByRole("row", { name: /Mug/ }).locator("img");
  expect(await shown(inList)).toBe("blue");
  await expect(inList).toHaveAttribute("src", kept[0].url.replace("/400.", "/160."));
  await accessible(page);

  const [product] = await merchant.get(`${store.api}/products`);
  await merchant.post(`${store.api}/inventory`, { variant_id: product.variants[0].id, quantity: 4 });
  await page.goto(`${store.at}/inventory`);
  expect(await shown(page.getByRole("row", { name: /Mug/ }).locator("img"))).toBe("blue");
});

test("a picture is dragged into the editor, and one that is none is told of", async ({ page, merchant }) => {
  const store = await merchant.store();
  const { id } = await merchant.post(`${store.api}/products`, { title: "Pot" });
  await page.goto(`${store.at}/products/${id}`);
  const dropped = await page.evaluateHandle(bytes => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "green.png", { type: "image/png" }));
    data.items.add(new File(["<svg xmlns='http://www.w3.org/2000/svg'/>"], "logo.svg", { type: "image/svg+xml" }));
    return data;
  }, [...green.buffer]);
  await page.locator("[data-drop]:has(#pictures)").dispatchEvent("drop", { dataTransfer: dropped });
  await expect(page.getByText("Not all were taken.")).toBeVisible();
  await expect(page.getByText("“logo.svg”: SVG is not taken, since it can hold scripts.")).toBeVisible();
  await expect(thumbs(page)).toHaveCount(1);
  await accessible(page);
  await expect(page.getByRole("button", { name: "Save" })).toBeVisible(); // there is something to save
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The product was saved.")).toBeVisible();
  expect(await images(merchant, store)).toHaveLength(1);
});

test("a store gets a logo and a favicon", async ({ page, merchant }) => {
  const store = await merchant.store();
  await page.goto(`${store.at}/settings`);
  await page.getByLabel("Upload a logo").setInputFiles(red);
  await page.getByLabel("Upload a favicon").setInputFiles(file("icon.png", [30, 60, 200], 32, 32));
  await accessible(page);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The settings were saved.")).toBeVisible();
  expect([await shown(page.locator("main img.thumb").nth(0)), await shown(page.locator("main img.thumb").nth(1))]).toEqual(["red", "blue"]);
  await accessible(page);
  const { logo_url: logo, favicon_url: favicon } = await merchant.get(store.api);
  expect(logo).toMatch(/^\/media\/.*\/400\.webp$/);
  expect(favicon).toMatch(/^\/media\/.*\/32\.webp$/);
  await page.getByLabel("Logo address").fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.locator("main img.thumb")).toHaveCount(1);
  expect((await merchant.get(store.api)).logo_url).toBeNull();
});

test("what was uploaded is listed, and deleted once nothing shows it", async ({ page, merchant }) => {
  const store = await merchant.store();
  await page.goto(`${store.at}/settings`);
  await page.getByRole("link", { name: "Pictures" }).click();
  await expect(page.getByRole("heading", { name: "No pictures yet" })).toBeVisible();
  await accessible(page);
  await page.getByLabel("Pictures to upload").setInputFiles([red, green]);
  await page.getByRole("button", { name: "Upload", exact: true }).click();
  await expect(page.getByText("2 pictures added.")).toBeVisible();
  const rows = page.locator("tbody tr");
  await expect(rows).toHaveCount(2);
  await accessible(page);
  const [latest] = await merchant.get(`${store.api}/pictures`);
  await merchant.post(`${store.api}/products`, { title: "Mug", images: [{ url: latest.url }] });
  await rows.first().getByRole("link", { name: /Delete/ }).click();
  await page.getByRole("button", { name: "Delete picture" }).click();
  await expect(page.getByText("The picture is shown by a product. Take it away there first.")).toBeVisible();
  await accessible(page);
  await page.goto(`${store.at}/pictures`);
  await rows.last().getByRole("link", { name: /Delete/ }).click();
  await page.getByRole("button", { name: "Delete picture" }).click();
  await expect(page.getByText("The picture was deleted.")).toBeVisible();
  await expect(rows).toHaveCount(1);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await accessible(page);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("pictures are uploaded by a button, and with the product itself", async ({ page, merchant }) => {
    const store = await merchant.store();
    const { id } = await merchant.post(`${store.api}/products`, { title: "Pan", variants: [{ price: "9.00" }] });
    await page.goto(`${store.at}/products/${id}`);
    await page.getByLabel("Title", { exact: true }).fill("Frying pan");
    await page.getByLabel("Upload pictures").setInputFiles([red, green]);
    await page.getByRole("button", { name: "Upload", exact: true }).press("Enter");
    await expect(thumbs(page)).toHaveCount(2);
    await expect(page.getByLabel("Title", { exact: true })).toHaveValue("Frying pan");
    await page.getByRole("button", { name: "Move image 2 up" }).press("Enter");
    await page.getByLabel("Alt text").first().fill("Green");
    await page.getByLabel("Upload pictures").setInputFiles(blue);
    await page.getByRole("button", { name: "Save", exact: true }).last().click();
    await expect(page.getByText("The product was saved.")).toBeVisible();
    expect((await images(merchant, store)).map(image => image.alt)).toEqual(["Green", null, null]);
  });
});

test("the editor's pictures fit a telephone", async ({ page, merchant }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const store = await merchant.store();
  await page.goto(`${store.at}/products/new`);
  await page.getByLabel("Upload pictures").setInputFiles([red, green]);
  await expect(thumbs(page)).toHaveCount(2);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await accessible(page);
  await page.goto(`${store.at}/settings`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});
