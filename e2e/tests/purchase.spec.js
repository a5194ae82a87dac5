import { test, expect, accessible, onPhone } from "../merchant.js";

let count = 0;
const fresh = () => `buys-${process.pid}-${Date.now()}-${++count}`;
const button = (page, name) => page.getByRole("button", { name, exact: true });
const link = (page, name) => page.getByRole("link", { name, exact: true });

const contact = {
  "First name": "Ada", "Last name": "Lovelace", "E-mail": "ada@example.com", Phone: "+44 20 7946 0958",
  Address: "12 St James's Square", City: "London", "ZIP code": "SW1Y 4JH", Country: "GB",
};

async function fill(page, fields) {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
}

// bought opens a store on a name that was bought for it.
async function bought(merchant) {
  const store = await merchant.store({ name: "Tea House" });
  const name = `${fresh()}.com`;
  await merchant.post(`${store.api}/domain/purchase`, {
    domain: name, years: 1,
    contact_info: { first_name: "Ada", last_name: "Lovelace", email: "ada@example.com", phone: "+442079460958", address: "12 St James's Square", city: "London", country: "GB", zip_code: "SW1Y 4JH" },
  });
  return { store, name };
}

// The steps of "How to Search for a Domain" and "How to Purchase a Domain", word for word.
test("Search for a Domain, Buy, choose the period, enter contact information, Purchase", async ({ page, merchant }) => {
  await merchant.store({ name: "Tea House" });
  const label = fresh();
  // 1. Go to Dashboard > Settings > Custom Domain.
  await page.goto("/dashboard");
  await link(page, "Settings").click();
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Custom Domain" }).click();
  // 2. Click Search for a Domain.
  await link(page, "Search for a Domain").click();
  await accessible(page);
  // 3. Type the domain name you want.
  await page.getByLabel("Domain name").fill(label);
  await button(page, "Search").click();
  // 4., 5. Several extensions, each with whether it is available and its price.
  for (const [ending, price] of [["com", "12.99"], ["io", "39.99"], ["store", "24.99"]]) {
    const row = page.getByRole("row").filter({ hasText: `${label}.${ending}` });
    await expect(row).toContainText("Available");
    await expect(row).toContainText(price);
  }
  await accessible(page);

  // 1. Click Buy next to the available domain you want.
  await page.getByRole("row").filter({ hasText: `${label}.com` }).getByRole("link", { name: "Buy" }).click();
  // 2. Choose the registration period (1 to 10 years).
  await expect(page.getByLabel("Period", { exact: true }).getByRole("option")).toHaveCount(10);
  await page.getByLabel("Period", { exact: true }).selectOption("2");
  // 3. Enter your contact information.
  await fill(page, { ...contact, Phone: "no number" });
  await accessible(page);
  await button(page, "Purchase").click();
  await expect(page.getByLabel("Phone", { exact: true })).toHaveAccessibleDescription(/Must be a number with its country code/);
  await expect(page.getByLabel("Period", { exact: true })).toHaveValue("2");
  await accessible(page);
  await page.getByLabel("Phone", { exact: true }).fill(contact.Phone);
  // 4. Click Purchase.
  await button(page, "Purchase").click();
  // 5., 6. It is registered, leads here, and has its certificate.
  await expect(page.getByText(`Your store is live at https://${label}.com`)).toBeVisible();
  const registration = page.getByRole("region", { name: "Registration" });
  await expect(registration).toContainText("mock");
  await registration.getByText("What was done").click();
  await expect(registration).toContainText("The name servers are set.");
  await accessible(page);
});

// The steps of "Managing Your Domains", word for word.
test("Dashboard > Domains shows all, Renew moves the end, Auto-Renew is toggled", async ({ page, merchant }) => {
  const { store, name } = await bought(merchant);
  await page.goto(store.at);
  await link(page, "Domains").click();
  const row = page.getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("Tea House");
  await expect(row).toContainText("Registered");
  await accessible(page);
  await row.getByRole("link", { name }).click();

  // Renew: go to the store's Custom Domain settings, click Renew, choose the years.
  await link(page, "Renew").click();
  await page.getByLabel("Number of years").selectOption("3");
  await accessible(page);
  await button(page, "Renew").click();
  const expires = new Date().getUTCFullYear() + 4;
  await expect(page.getByRole("region", { name: "Registration" })).toContainText(String(expires));

  // Auto-renewal: toggle it on or off.
  await button(page, "Turn Auto-Renew on").click();
  await expect(button(page, "Turn Auto-Renew off")).toBeVisible();
  expect((await merchant.get(`${store.api}/domain`)).auto_renew).toBe(true);
  await button(page, "Turn Auto-Renew off").click();
  await expect(button(page, "Turn Auto-Renew on")).toBeVisible();
});

test("a name that is taken cannot be bought, and a nonsense one is said to be so", async ({ page, merchant }) => {
  const { store } = await bought(merchant);
  const other = await merchant.store({ name: "Pen Shop" }).catch(() => store);
  await page.goto(`${other.at}/domain/search?q=mystore.io`);
  await expect(page.getByRole("row").filter({ hasText: "mystore.io" })).toContainText("Taken");
  await page.goto(`${other.at}/domain/search?q=not%20a%20name`);
  await expect(page.getByLabel("Domain name")).toHaveAccessibleDescription(/letters, digits and hyphens/);
  await accessible(page);
});

test("the pages of bought names on a phone and in the dark", async ({ page, merchant }) => {
  const { store } = await bought(merchant);
  await onPhone(page, [`${store.at}/domain`, `${store.at}/domain/renew`, `${store.at}/domain/search?q=tea`, `${store.at}/domain/buy?domain=${fresh()}.com`, "/dashboard/domains"]);
});
