import { test, expect, accessible } from "../merchant.js";

test("registering leads to the stores, and signing out and in leads back", async ({ page }) => {
  const email = `new-${Date.now()}@example.com`;
  await page.goto("/dashboard/stores");
  await expect(page).toHaveURL(/\/login\?next=/);
  await accessible(page);
  await page.getByRole("link", { name: "Create an account" }).click();
  await accessible(page);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { name: "Stores" })).toBeVisible();
  await accessible(page);

  await page.getByLabel("Your account").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.goto("/dashboard/stores");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("The email or the password is wrong.")).toBeVisible();
  await accessible(page);
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/dashboard\/stores$/);
});

test("a registration says at the field what is wrong", async ({ page }) => {
  await page.goto("/register");
  await page.locator("form").evaluate(form => { form.noValidate = true; });
  await page.getByLabel("Email").fill("nobody");
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByText("Must be an e-mail address.")).toBeVisible();
  await expect(page.getByText("Must have 10 to 200 characters.")).toBeVisible();
  await expect(page.getByLabel("Email")).toHaveValue("nobody");
  await accessible(page);
});

test("the theme that was chosen stays", async ({ page, merchant }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/dashboard/stores");
  await page.getByLabel("Switch between light and dark").click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await accessible(page);
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});
