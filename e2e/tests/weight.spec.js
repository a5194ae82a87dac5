// What a first visit loads stays small: scripts/lighthouse.sh asks the same of a store
// with 5,000 products, and how fast it is.
import { expect, test } from "../merchant.js";

test("a page loads little at first", async ({ page, merchant }) => {
  const store = await merchant.store({ store_type: "ecommerce" });
  const pieces = [];
  for (let i = 0; i < 26; i++) pieces.push(await merchant.post(`${store.api}/products`, { title: `Tea no. ${i}`, status: "active", variants: [{ price: "4.00" }] }));
  const pages = { inventory: 100, products: 100, orders: 100 };
  for (const [name, most] of Object.entries(pages)) expect(await weight(page, `${store.at}/${name}`), name).toBeLessThan(most * 1000);
  expect(await weight(page, `/s/${store.slug}`), "storefront").toBeLessThan(60_000);
  expect(await weight(page, `/s/${store.slug}/products/${pieces[0].slug}`), "product").toBeLessThan(60_000);
});

// weight counts what comes over the wire, in bytes, for somebody with an empty cache.
async function weight(page, path) {
  const wire = await page.context().newCDPSession(page);
  await wire.send("Network.enable");
  await wire.send("Network.setCacheDisabled", { cacheDisabled: true });
  let bytes = 0;
  wire.on("Network.loadingFinished", ({ encodedDataLength }) => { bytes += encodedDataLength; });
  const answer = await page.goto(path, { waitUntil: "networkidle" });
  expect([answer.status(), new URL(page.url()).pathname]).toEqual([200, path]);
  expect(bytes).toBeGreaterThan(10_000);
  await wire.detach();
  return bytes;
}
