// Builds the binary and starts it on a database of its own: SQLite in a temporary
// folder, or the PostgreSQL that E2E_DATABASE_URL names.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export default async function start() {
  const dir = mkdtempSync(join(tmpdir(), "vitrine-e2e-"));
  const binary = join(dir, "vitrine");
  execFileSync("go", ["build", "-o", binary, "./cmd/vitrine"], { cwd: new URL("..", import.meta.url), stdio: "inherit" });
  const port = await freePort();
  const server = spawn(binary, ["serve"], {
    cwd: dir,
    stdio: ["ignore", "ignore", process.env.E2E_LOG ? "inherit" : "ignore"],
    env: {
      ...process.env,
      VITRINE_LISTEN_ADDR: `127.0.0.1:${port}`,
      VITRINE_DATABASE_URL: process.env.E2E_DATABASE_URL ?? "sqlite://vitrine.db",
      VITRINE_LOGIN_FAILURES_PER_ADDRESS: "100000",
      VITRINE_DEV_PAGES: "true",
    },
  });
  process.env.VITRINE_E2E_URL = `http://localhost:${port}`;
  await ready(process.env.VITRINE_E2E_URL);
  return async () => {
    const ended = new Promise(resolve => server.once("exit", resolve));
    server.kill("SIGTERM");
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function ready(url) {
  for (let i = 0; i < 200; i++) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error("the server does not get ready");
}
