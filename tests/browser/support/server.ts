// The real server, as its operator starts it: a process of its own on free ports, with its own folder of
// data. It can be killed and started again on the same ports and data.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../../..");
export const HEJIE = process.env.HEJIE_BINARY ?? join(ROOT, "target/debug/hejie");

export class Server {
  readonly data = mkdtempSync(join(tmpdir(), "hejie-data-"));
  /** What the process has said so far. */
  said = "";
  private process: ChildProcess | null = null;

  private constructor(
    readonly port: number,
    private readonly command: "serve" | "demo",
    private readonly environment: Record<string, string>,
  ) {}

  /** `file` is the operator's configuration file; ports and the like go over it. */
  static async start(command: "serve" | "demo" = "serve", file = ""): Promise<Server> {
    const [http, https, udp] = [await freeTcp(), await freeTcp(), await freeUdp()];
    const server = new Server(http, command, {
      HEJIE_SERVER__LISTEN: `127.0.0.1:${http}`,
      HEJIE_TLS__LISTEN: `127.0.0.1:${https}`,
      HEJIE_MEDIA__LISTEN: `0.0.0.0:${udp}`,
      HEJIE_AGENCY__NAME: "徐汇区消费者权益保护委员会",
      HEJIE_LOG__FORMAT: "json",
    });
    server.environment.HEJIE_SERVER__DATA_DIR = server.data;
    writeFileSync(server.file, file);
    return server;
  }

  private get file(): string {
    return join(this.data, "hejie.toml");
  }

  get base(): string {
    return `http://localhost:${this.port}`;
  }

  /** Resolves when it answers. */
  async up(): Promise<void> {
    const child = spawn(HEJIE, ["--config", this.file, this.command], {
      env: this.env(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = child;
    // Whatever becomes of the test, no server outlives it.
    const last = () => child.kill("SIGKILL");
    process.once("exit", last);
    child.once("exit", () => process.removeListener("exit", last));
    const hear = (text: Buffer) => {
      this.said = (this.said + text.toString()).slice(-200_000);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    let ended: string | null = null;
    child.on("exit", (code, signal) => {
      ended = `${code ?? signal}`;
    });
    const deadline = Date.now() + 30_000;
    for (;;) {
      const answer = await fetch(`${this.base}/readyz`).catch(() => null);
      if (answer?.ok) return;
      if (ended !== null) throw new Error(`hejie ended with ${ended}:\n${this.said}`);
      if (Date.now() > deadline) throw new Error(`hejie does not answer:\n${this.said}`);
      await new Promise((next) => setTimeout(next, 100));
    }
  }

  /** `hejie …` beside the running server, on the same data. */
  run(args: string[], input = ""): string {
    return execFileSync(HEJIE, ["--config", this.file, ...args], {
      env: this.env(),
      input,
      encoding: "utf8",
    });
  }

  /** As when the power goes: no goodbye, nothing flushed. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.end("SIGTERM");
    rmSync(this.data, { recursive: true, force: true });
  }

  private async end(how: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.process;
    this.process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill(how);
    const impatient = setTimeout(() => child.kill("SIGKILL"), 8_000);
    await gone;
    clearTimeout(impatient);
  }

  private env(): NodeJS.ProcessEnv {
    return { ...process.env, ...this.environment };
  }
}

export function freeTcp(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer().on("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

export function freeUdp(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createSocket("udp4").on("error", failed);
    probe.bind(0, () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}
