// Starts a server for the tests on a database of its own: SQLite in a temporary
// folder or, where E2E_ENGINE is postgres, one that is made on the server of
// TEST_POSTGRES_DSN and dropped at the end.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";

export default async function start() {
  const server = await serve();
  process.env.VITRINE_E2E_URL = server.url;
  process.env.VITRINE_E2E_DATABASE = server.database;
  return server.stop;
}

// serve starts a server with more settings, or others.
export async function serve(settings = {}) {
  const dir = mkdtempSync(join(tmpdir(), "vitrine-e2e-"));
  const binary = process.env.E2E_BINARY ?? build(dir);
  const database = process.env.E2E_ENGINE === "postgres" ? await onPostgres() : { url: `sqlite://${join(dir, "vitrine.db")}`, drop() {} };
  const port = await freePort();
  const server = spawn(binary, ["serve"], {
    cwd: dir,
    stdio: ["ignore", "ignore", process.env.E2E_LOG ? "inherit" : "ignore"],
    env: {
      ...process.env,
      VITRINE_LISTEN_ADDR: `127.0.0.1:${port}`,
      VITRINE_DATABASE_URL: database.url,
      VITRINE_LOGIN_FAILURES_PER_ADDRESS: "100000",
      VITRINE_DEV_PAGES: "true",
      VITRINE_WEBHOOK_ALLOW_PRIVATE: "true",
      ...settings,
    },
  });
  const url = `http://localhost:${port}`;
  await ready(url);
  const stop = async () => {
    const ended = new Promise(resolve => server.once("exit", resolve));
    server.kill("SIGTERM");
    await ended;
    await database.drop();
    rmSync(dir, { recursive: true, force: true });
  };
  return { url, database: database.url, stop };
}

function build(dir) {
  const binary = join(dir, "vitrine");
  execFileSync("go", ["build", "-o", binary, "./cmd/vitrine"], { cwd: new URL("..", import.meta.url), stdio: "inherit" });
  return binary;
}

async function onPostgres() {
  const name = `vitrine_e2e_${process.pid}_${Date.now()}`;
  const url = new URL(process.env.TEST_POSTGRES_DSN);
  const admin = async statement => {
    const client = new pg.Client(url.href);
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await admin(`CREATE DATABASE ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.href, drop: () => admin(`DROP DATABASE ${name} WITH (FORCE)`) };
}

// freePort finds one below those that the system gives to connections: nobody gets it in
// between.
function freePort() {
  return new Promise(resolve => {
    const probe = createServer(), port = 20_000 + Math.floor(12_000 * Math.random());
    probe.once("error", () => resolve(freePort()));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(port)));
  });
}

async function ready(url) {
  for (let i = 0; i < 1200; i++) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error("the server does not get ready");
}
