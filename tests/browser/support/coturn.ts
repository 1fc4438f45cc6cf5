// A real coturn on the production configuration, with only what a test must have otherwise; the SFU's
// address is 127.0.0.1. No relay outlives its test.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freeTcp, freeUdp } from "./server";

const PRODUCTION = resolve(__dirname, "../../../turn-config/turnserver.conf");
const SECRET = "5f0c2b7d9e4a1683b2d6f8c0a4e7913d";

export class Coturn {
  private readonly folder = mkdtempSync(join(tmpdir(), "hejie-turn-"));
  private said = "";
  private ended: string | null = null;
  private child: ChildProcess | null = null;

  private constructor(readonly port: number) {}

  /** Resolves when it listens. */
  static async start(): Promise<Coturn> {
    const coturn = new Coturn(await freeUdp());
    await coturn.up(await freeTcp());
    return coturn;
  }

  /** What an operator's configuration file says of this relay. */
  get toml(): string {
    return [
      "[turn]",
      `urls = ["turn:127.0.0.1:${this.port}?transport=udp"]`,
      `secret_file = "${this.at("secret")}"`,
      "[media]",
      'public_addresses = ["127.0.0.1"]',
      "",
    ].join("\n");
  }

  stop(): void {
    this.child?.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async up(unused: number): Promise<void> {
    writeFileSync(this.at("secret"), SECRET, { mode: 0o600 });
    writeFileSync(this.at("turnserver.conf"), this.configuration(unused), { mode: 0o600 });
    this.makeDatabase();
    const child = spawn("turnserver", ["-c", this.at("turnserver.conf")], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    const last = () => child.kill("SIGKILL");
    process.once("exit", last);
    child.once("exit", (code, signal) => {
      this.ended = `${code ?? signal}`;
      process.removeListener("exit", last);
    });
    child.once("error", (error) => {
      this.ended = `${error.message} (Debian: apt install coturn)`;
    });
    const hear = (text: Buffer) => {
      this.said = (this.said + text.toString()).slice(-100_000);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    const deadline = Date.now() + 20_000;
    while (!this.said.includes("Total General servers")) {
      if (this.ended !== null) throw new Error(`coturn ended with ${this.ended}:\n${this.said}`);
      if (Date.now() > deadline) throw new Error(`coturn does not listen:\n${this.said}`);
      await new Promise((next) => setTimeout(next, 50));
    }
  }

  private configuration(tls: number): string {
    const own: Record<string, string | null> = {
      "listening-ip": "127.0.0.1",
      "listening-port": `${this.port}`,
      "tls-listening-port": `${tls}`,
      "relay-ip": "127.0.0.1",
      "allowed-peer-ip": "127.0.0.1",
      cert: null,
      pkey: null,
    };
    const kept = readFileSync(PRODUCTION, "utf8")
      .split("\n")
      .filter((line) => !Object.keys(own).some((key) => line.startsWith(`${key}=`)));
    const set = Object.entries(own).flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}`]));
    const more = ["no-tls", "allow-loopback-peers", `static-auth-secret=${SECRET}`];
    const files = [`userdb=${this.at("turndb")}`, `pidfile=${this.at("pid")}`];
    return [...kept, ...set, ...more, ...files, ""].join("\n");
  }

  /** As the package does at installation; a coturn that has to make it refuses some meanwhile. */
  private makeDatabase(): void {
    const made = spawnSync("turnadmin", ["--list", "--userdb", this.at("turndb")]);
    if (made.status !== 0) throw new Error(`turnadmin: ${made.error ?? made.stderr}`);
    // It can't be kept from writing a log.
    for (const folder of ["/var/log/turnserver", "/var/log", "/var/tmp", "/tmp", "."]) {
      const logs = readdirSafely(folder).filter((name) => name.startsWith(`turn_${made.pid}_`));
      for (const name of logs) rmSync(join(folder, name), { force: true });
    }
  }

  private at(name: string): string {
    return join(this.folder, name);
  }
}

function readdirSafely(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
