import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { test, expect, accessible, onPhone } from "../merchant.js";
import { serve } from "../server.js";

let count = 0;
const fresh = () => `mystore-${process.pid}-${Date.now()}-${++count}.com`;

// connected opens a store on a domain, as far as the API is asked to bring it.
async function connected(merchant, ...steps) {
  const store = await merchant.store({ name: "Tea House" });
  const name = fresh();
  await merchant.post(`${store.api}/domain`, { domain: name });
  for (const step of steps) await merchant.post(`${store.api}/domain/${step}`);
  return { store, name };
}

const button = (page, name) => page.getByRole("button", { name, exact: true });
const link = (page, name) => page.getByRole("link", { name, exact: true });

// The steps of "Auto-Configuration (Recommended)", word for word.
test("Auto-Configuration: connect, verify, Auto-Configure DNS, Provision SSL, Check Status", async ({ page, merchant }) => {
  await merchant.store({ name: "Tea House" });
  const name = fresh();
  // 1. Go to Dashboard > Settings > Custom Domain.
  await page.goto("/dashboard");
  await link(page, "Settings").click();
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Custom Domain" }).click();
  await expect(page.getByRole("heading", { name: "Custom Domain" })).toBeVisible();
  await accessible(page);

  // 2. Enter your domain name and verify ownership.
  await page.getByLabel("Domain", { exact: true }).fill("co.uk");
  await button(page, "Connect domain").click();
  await expect(page.getByLabel("Domain", { exact: true })).toHaveAccessibleDescription(/Must be a domain that can be registered/);
  await accessible(page);
  await page.getByLabel("Domain", { exact: true }).fill(name.toUpperCase());
  await button(page, "Connect domain").click();
  await expect(page.getByRole("heading", { name })).toBeVisible();
  await expect(page.getByText(`_vitrine-challenge.${name}`).first()).toBeVisible();
  await expect(page.locator("[aria-current=step]")).toContainText("Verify");
  await accessible(page);
  await button(page, "Verify Ownership").click();
  await expect(page.getByText("The domain is yours.").first()).toBeVisible();

  // 3. Click Auto-Configure DNS: an A record for the root, a CNAME record for www.
  await button(page, "Auto-Configure DNS").click();
  const step = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "DNS", level: 3 }) });
  await expect(step).toContainText("A @");
  await expect(step).toContainText("192.0.2.1");
  await expect(step).toContainText("CNAME www");
  await expect(step).toContainText("proxy.platform.app");
  await expect(step.getByText("Matches")).toHaveCount(2);
  await accessible(page);

  // 4. Click Provision SSL to get a free SSL certificate.
  await button(page, "Provision SSL").click();
  await expect(page.getByText(`Your store is live at https://${name}`)).toBeVisible();

  // 5. Wait for DNS changes to propagate. Use the Check Status button to verify.
  await link(page, "Check Status").click();
  const status = page.getByRole("region", { name: "DNS Status" });
  await expect(status).toContainText("DNS auto-configuredYes");
  await expect(status).toContainText("SSL provisionedYes");
  await expect(status).toContainText("DNS records2");
  await expect(status).toContainText("Propagated globallyPropagated");
  await expect(status).toContainText("Propagation typically takes 5–30 minutes, but can take up to 48 hours in rare cases.");
  await accessible(page);
});

// The steps of "Manual DNS Record Management", word for word.
test("Manual DNS Record Management: Add Record, choose the type, enter name, value and TTL, set the priority, Save; edit and delete", async ({ page, merchant }) => {
  const { store, name } = await connected(merchant, "verify", "dns/auto-configure");
  // 1. Go to Dashboard > Settings > Custom Domain > DNS Records.
  await page.goto(store.at);
  await link(page, "Custom domain").click();
  await link(page, "DNS Records").click();
  await expect(page.getByText(`What the world is told of ${name}.`)).toBeVisible();
  await accessible(page);
  // 2. Click Add Record.
  await link(page, "Add Record").click();
  const drawer = page.getByRole("dialog", { name: "Add Record" });
  // 3. Choose the record type; the fields follow it.
  await expect(drawer.getByLabel("Type").locator("option")).toHaveText(["A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA"]);
  await expect(drawer.getByLabel("Priority")).toBeHidden();
  await expect(drawer.getByText("An IPv4 address, such as")).toBeVisible();
  await accessible(page);
  await drawer.getByLabel("Type").selectOption("SRV");
  await expect(drawer.getByLabel("Priority")).toBeVisible();
  await expect(drawer.getByText("Weight, port and target")).toBeVisible();
  await drawer.getByLabel("Type").selectOption("MX");
  // 4. Enter the record name, value, and TTL. 5. For MX records, set the priority value.
  await drawer.getByLabel("Name").fill("mail");
  await drawer.getByLabel("Value").fill("not a host");
  await drawer.getByLabel("TTL").fill("600");
  await button(drawer, "Save").click();
  await expect(drawer.getByLabel("Value")).toHaveAccessibleDescription(/host/);
  await expect(drawer.getByLabel("Priority")).toHaveAccessibleDescription("Is needed for MX records.");
  await accessible(page);
  await drawer.getByLabel("Value").fill("mail.example.com");
  await drawer.getByLabel("Priority").fill("10");
  // 6. Click Save.
  await button(drawer, "Save").click();
  await expect(page.getByText("The record was created.")).toBeVisible();
  const row = page.getByRole("row", { name: /^mail/ });
  await expect(row).toContainText("10 mail.example.com");
  await expect(row).toContainText("600");
  await expect(row).toContainText("The same");
  const records = await merchant.get(`${store.api}/domain/dns/records`);
  expect(records.find(r => r.name === "mail")).toMatchObject({ record_type: "MX", value: "mail.example.com", ttl: 600, priority: 10, is_managed: false });

  // You can also edit or delete records from this page.
  await link(page, "Edit MX mail").click();
  await page.getByLabel("Priority").fill("20");
  await button(page, "Save").click();
  await expect(row).toContainText("20 mail.example.com");
  await link(page, "Delete MX mail").click();
  await accessible(page);
  await button(page, "Delete record").click();
  await expect(page.getByText("The record was deleted.")).toBeVisible();
  await expect(row).toHaveCount(0);
});

test("every change of a record is in the history, and can be undone", async ({ page, merchant }) => {
  const { store } = await connected(merchant, "verify", "dns/auto-configure");
  await merchant.post(`${store.api}/domain/dns/records`, { record_type: "TXT", name: "@", value: "v=spf1 -all" });
  await page.goto(`${store.at}/domain/records`);
  await link(page, "History").click();
  await expect(page.getByRole("heading", { name: "DNS History" })).toBeVisible();
  await expect(page.getByRole("row", { name: /Created/ })).toHaveCount(3);
  await accessible(page);
  await button(page, "Undo Created TXT @").click();
  await expect(page.getByText("The change of TXT @ was undone.")).toBeVisible();
  await expect(page.getByRole("row", { name: /Deleted TXT @/ })).toBeVisible();
  await expect(button(page, "Undo Created TXT @")).toHaveCount(0);
  const records = await merchant.get(`${store.api}/domain/dns/records`);
  expect(records.map(r => r.record_type)).toEqual(["A", "CNAME"]);
  await accessible(page);
});

// What others have changed at the DNS provider is in an inbox until it is adopted,
// restored or ignored.
test("what was changed outside is adopted, restored or ignored", async ({ page, merchant }) => {
  const { store, name } = await connected(merchant, "verify", "dns/auto-configure");
  const inbox = page.getByRole("region", { name: "Changed outside" });
  await page.goto(`${store.at}/domain/records`);
  await expect(inbox).toHaveCount(0);
  execFileSync("go", ["run", "./e2e/outside", process.env.VITRINE_E2E_DATABASE, name], { cwd: new URL("../..", import.meta.url), stdio: "inherit" });
  await page.reload();
  await expect(inbox.getByRole("listitem")).toHaveCount(3);
  await expect(inbox).toContainText("Different at the provider: A @ 203.0.113.77");
  await expect(inbox).toContainText("Missing at the provider: CNAME www proxy.platform.app");
  await expect(inbox).toContainText("Only at the provider: TXT @ made elsewhere");
  await accessible(page);

  await button(inbox, "Restore A @").click();
  await expect(inbox.getByRole("listitem")).toHaveCount(2);
  await button(inbox, "Adopt TXT @").click();
  await expect(inbox.getByRole("listitem")).toHaveCount(1);
  await expect(page.getByRole("row", { name: /TXT/ })).toContainText("made elsewhere");
  await button(inbox, "Ignore CNAME www").click();
  await expect(inbox).toHaveCount(0);
  await accessible(page);
  expect(await merchant.post(`${store.api}/domain/dns/plan`)).toEqual([]);
  const [left] = await merchant.get(`${store.api}/domain/dns/drift`);
  expect(left).toMatchObject({ kind: "removed", ignored: true });
  const records = await merchant.get(`${store.api}/domain/dns/records`);
  expect(records.map(r => `${r.record_type} ${r.value}`)).toEqual(["A 192.0.2.1", "CNAME proxy.platform.app", "TXT made elsewhere"]);

  // What is ignored stands below, where it can be settled after all.
  const ignored = page.getByRole("region", { name: "Ignored" });
  await expect(button(ignored, "Ignore CNAME www")).toHaveCount(0);
  await button(ignored, "Restore CNAME www").click();
  await expect(ignored).toHaveCount(0);
  expect(await merchant.get(`${store.api}/domain/dns/drift`)).toEqual([]);
});

test("managed records are badged, and changing or deleting one warns", async ({ page, merchant }) => {
  const { store } = await connected(merchant, "verify", "dns/auto-configure");
  await page.goto(`${store.at}/domain/records`);
  await expect(page.getByText("Managed", { exact: true })).toHaveCount(2);
  await link(page, "Edit A @").click();
  await expect(page.getByText("leads shoppers to your store. Changed, it may lead them elsewhere")).toBeVisible();
  await accessible(page);
  await page.keyboard.press("Escape");
  await expect(link(page, "Edit A @")).toBeFocused();
  await link(page, "Delete CNAME www").click();
  await expect(page.getByText("without it they may not find it any more")).toBeVisible();
  await button(page, "Delete record").click();
  await expect(page.getByText("Managed", { exact: true })).toHaveCount(1);
});

test("a record that was made by hand is only replaced when that is asked for", async ({ page, merchant }) => {
  const { store } = await connected(merchant, "verify");
  await merchant.post(`${store.api}/domain/dns/records`, { record_type: "A", name: "@", value: "203.0.113.9" });
  await page.goto(`${store.at}/domain`);
  await button(page, "Auto-Configure DNS").click();
  await expect(page.getByRole("alert")).toContainText("was made by hand and is in the way");
  await accessible(page);
  await button(page, "Replace it").click();
  await expect(page.getByText("Matches")).toHaveCount(2);
});

test("a domain that another store has is refused at the field", async ({ page, merchant }) => {
  const { name } = await connected(merchant);
  const other = await merchant.store({ name: "Other" });
  await page.goto(`${other.at}/domain`);
  await page.getByLabel("Domain", { exact: true }).fill(name);
  await button(page, "Connect domain").click();
  await expect(page.getByLabel("Domain", { exact: true })).toHaveAccessibleDescription("This domain is already in use by another store.");
});

test("what is to be copied is copied", async ({ page, merchant, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { store, name } = await connected(merchant);
  await page.goto(`${store.at}/domain`);
  await button(page, `Copy name _vitrine-challenge.${name}`).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`_vitrine-challenge.${name}`);
});

// Why there is no certificate, a merchant reads on the page: first the authority does
// not answer, then it does and the name servers of the domain cannot be asked.
test("why a certificate could not be had is said on the page", async ({ page, request, merchant }) => {
  const authority = createServer((_, answer) => answer.writeHead(503).end());
  await new Promise(resolve => authority.listen(0, "127.0.0.1", resolve));
  const at = `http://127.0.0.1:${authority.address().port}`;
  const server = await serve({ VITRINE_SSL_PROVIDER_MODE: "acme", VITRINE_ACME_DIRECTORY: `${at}/directory`, VITRINE_DNS_RESOLVERS: "127.0.0.1:1" });
  try {
    const there = await signedIn(page, request, merchant, server.url);
    const { store, name } = await connected(there, "verify", "dns/auto-configure");
    await page.goto(`${server.url}${store.at}/domain`);
    await button(page, "Provision SSL").click();
    await expect(page.getByRole("alert")).toContainText(/127\.0\.0\.1:\d+, which issues certificates, did not answer/);
    await accessible(page);
    await page.goto(`${server.url}${store.at}/domain`);
    await expect(page.getByText("It is tried again by itself.")).toContainText("did not answer");
    await accessible(page);

    authority.removeAllListeners("request");
    authority.on("request", (_, answer) => answer.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({
      newNonce: `${at}/nonce`, newAccount: `${at}/account`, newOrder: `${at}/order`, meta: { caaIdentities: ["authority.example"] },
    })));
    await button(page, "Provision SSL").click();
    await expect(page.getByRole("alert")).toContainText(`The name servers of ${name} could not be asked`);
    expect(await there.get(`${store.api}/domain`)).toMatchObject({ status: "verified", ssl_provisioned: false, status_reason: expect.stringContaining("could not be asked") });
  } finally {
    await server.stop();
    authority.close();
  }
});

// signedIn is the merchant at another server.
async function signedIn(page, request, merchant, url) {
  const registered = await request.post(`${url}/api/v1/auth/register`, { data: { email: merchant.email, password: merchant.password, name: "Merchant" } });
  const { access_token: token } = await registered.json();
  await page.context().addCookies([{ name: "vitrine_session", value: token, url }]);
  return Object.assign(Object.create(merchant), { url, token });
}

test("the pages of a domain on a phone and in the dark", async ({ page, merchant }) => {
  const { store } = await connected(merchant);
  const done = await connected(merchant, "verify", "dns/auto-configure", "ssl/provision");
  await merchant.post(`${done.store.api}/domain/dns/records`, { record_type: "TXT", name: "@", value: `v=spf1 ${"include:spf.example.com ".repeat(6)}-all` });
  const bare = await merchant.store({ name: "Bare" });
  await onPhone(page, [`${bare.at}/domain`, `${store.at}/domain`, `${done.store.at}/domain`, `${done.store.at}/domain/records`, `${done.store.at}/domain/records/new`, `${done.store.at}/domain/detach`, `${bare.at}/domain/records`]);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a domain is connected, configured, given a record and disconnected all the same", async ({ page, merchant }) => {
    const store = await merchant.store({ name: "Tea House" });
    const name = fresh();
    await page.goto(`${store.at}/domain`);
    await page.getByLabel("Domain", { exact: true }).fill(name);
    for (const label of ["Connect domain", "Verify Ownership", "Auto-Configure DNS", "Provision SSL"]) await button(page, label).click();
    await link(page, "Check Status").click();
    await expect(page.getByText(`Your store is live at https://${name}`)).toBeVisible();
    await link(page, "DNS Records").click();
    await link(page, "Add Record").click();
    await page.getByLabel("Type").selectOption("TXT");
    await page.getByLabel("Name").fill("@");
    await page.getByLabel("Value").fill("v=spf1 -all");
    await button(page, "Save").click();
    await expect(page.getByRole("row", { name: /TXT/ })).toBeVisible();
    await page.goto(`${store.at}/domain`);
    await link(page, "Disconnect domain").click();
    await page.getByLabel(`Type ${name} to go on`).fill(name);
    await button(page, "Disconnect").click();
    await expect(page.getByText(`${name} is disconnected.`)).toBeVisible();
  });
});
