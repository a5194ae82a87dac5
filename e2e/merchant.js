// What the tests share: a merchant who is signed in, the API to set things up with,
// and a look at a page for what keeps people out.
import { test as base, expect } from "@playwright/test";
import AxeBuilder from "@axe-core/playwright";

let count = 0;

export const test = base.extend({
  baseURL: async ({}, use) => use(process.env.VITRINE_E2E_URL),

  // Every page keeps to its policy and throws nothing.
  quiet: [async ({ page }, use) => {
    const wrong = [];
    page.on("console", message => { if (/Content.Security.Policy/i.test(message.text())) wrong.push(message.text()); });
    page.on("pageerror", error => wrong.push(error.message));
    await use();
    expect(wrong).toEqual([]);
  }, { auto: true }],

  // merchant is registered and signed in; its methods use the API.
  merchant: async ({ page, request, baseURL }, use, info) => {
    const email = `merchant-${info.workerIndex}-${++count}-${process.pid}@example.com`;
    const password = "correct horse battery";
    const registered = await request.post(`${baseURL}/api/v1/auth/register`, { data: { email, password, name: "Merchant" } });
    expect(registered.status()).toBe(201);
    const { access_token: token } = await registered.json();
    const merchant = new Merchant(request, baseURL, email, password, token);
    await page.context().addCookies([{ name: "vitrine_session", value: token, url: baseURL }]);
    await use(merchant);
  },
});

export { expect };

class Merchant {
  constructor(request, url, email, password, token) {
    Object.assign(this, { request, url, email, password, token });
  }

  // call sends JSON to the API and returns what it answers.
  async call(method, path, data) {
    const answer = await this.request.fetch(`${this.url}/api/v1${path}`, { method, data, headers: { Authorization: `Bearer ${this.token}` } });
    if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
    return answer.status() === 204 ? null : answer.json();
  }

  post(path, data) { return this.call("POST", path, data); }
  get(path) { return this.call("GET", path); }

  // store opens one; its path in the dashboard is at.
  async store(fields = {}) {
    const store = await this.post("/stores", { name: "Tea House", ...fields });
    return { ...store, at: `/dashboard/stores/${store.slug}`, api: `/stores/${store.id}` };
  }
}

// accessible fails when axe finds anything on the page as it is now. It is most of
// the time that the tests take: since pages do not depend on the database, it looks
// at them once, on SQLite.
export async function accessible(page, frame) {
  if (process.env.E2E_ENGINE === "postgres") return;
  const axe = new AxeBuilder({ page });
  if (frame) axe.exclude(frame); // it holds a page of its own, with landmarks of its own
  const { violations } = await axe.options({ resultTypes: ["violations"] }).setLegacyMode().analyze();
  expect(violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(", ")}`)).toEqual([]);
}

// fits fails when the page, or a table on it, is wider than the screen.
export async function fits(page) {
  const wide = await page.evaluate(() => [document.documentElement, ...document.querySelectorAll(".scroll")]
    .filter(e => e.scrollWidth > e.clientWidth).map(e => `${location.pathname}: ${e.className || "page"}, ${e.scrollWidth} of ${e.clientWidth}`));
  expect(wide).toEqual([]);
}

// onPhone looks at pages on a phone, in light and in the dark.
export async function onPhone(page, paths) {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const [i, path] of paths.entries()) {
    await page.emulateMedia({ colorScheme: i % 2 ? "dark" : "light" });
    await page.goto(path);
    await fits(page);
    await accessible(page);
    await page.emulateMedia({ colorScheme: i % 2 ? "light" : "dark" });
    await accessible(page);
  }
}
