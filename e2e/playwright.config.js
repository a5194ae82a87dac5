import { defineConfig } from "@playwright/test";

// The tests share one server on an empty SQLite file; each registers a merchant of its
// own, so they run side by side. The browser is the machine's: CHROMIUM, or the first
// that is found.
export default defineConfig({
  testDir: "tests",
  fullyParallel: true,
  workers: 2,
  // What is to be seen is seen within a second, unless the machine is busy: these limits
  // end a test in which it never is.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  forbidOnly: !!process.env.CI,
  // On a busy machine a browser can be late once. CI says which tests were, as "flaky".
  retries: process.env.CI ? 1 : 0,
  reporter: process.env.CI ? [["line"], ["html", { open: "never" }]] : "line",
  globalSetup: "./server.js",
  use: {
    baseURL: process.env.VITRINE_E2E_URL,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
      ],
    },
  },
});
