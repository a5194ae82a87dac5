import { test, expect, accessible, fits } from "../merchant.js";

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("the password is changed, and a link for a forgotten one asked for", async ({ page, merchant }) => {
      await page.setViewportSize({ width: 390, height: 844 });
      const look = async () => {
        if (!javaScriptEnabled) return;
        await fits(page);
        await accessible(page);
      };
      await page.goto("/dashboard/account");
      await page.getByRole("link", { name: "Change password" }).click();
      await look();
      await page.getByLabel("Your password").fill("not the password");
      await page.getByLabel("New password").fill("another long password");
      await page.getByRole("button", { name: "Change password" }).click();
      await expect(page.getByText("is wrong").first()).toBeVisible();
      await look();
      await page.getByLabel("Your password").fill(merchant.password);
      await page.getByLabel("New password").fill("another long password");
      await page.getByRole("button", { name: "Change password" }).click();
      await expect(page.getByText("Your password was changed, and 0 other sessions ended.")).toBeVisible();

      await page.context().clearCookies();
      await page.goto("/login");
      await page.getByRole("link", { name: "Forgotten password" }).click();
      await look();
      await page.getByLabel("Email").fill(merchant.email);
      await page.getByRole("button", { name: "Send link" }).click();
      await expect(page.getByRole("heading", { name: "No mail was sent" })).toBeVisible();
      await expect(page.getByText("No mail server is set")).toBeVisible();
      await look();
      await page.goto("/password/new?token=nonsense");
      await expect(page.getByText("This link was used already")).toBeVisible();
      await look();
    });
  });
}
