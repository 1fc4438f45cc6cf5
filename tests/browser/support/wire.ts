// A cable between one browser and the server that can be pulled: every connection breaks at once and none
// comes up until it is plugged in again. Sound and pictures don't go over it (they are UDP).
import { createServer, connect as dial, type Server, type Socket } from "node:net";

export class Cable {
  private readonly sockets = new Set<Socket>();
  private pulled = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static to(port: number): Promise<Cable> {
    return new Promise((done, failed) => {
      const server = createServer().on("error", failed);
      server.listen(0, "127.0.0.1", () => {
        const cable = new Cable(server, (server.address() as { port: number }).port);
        server.on("connection", (near) => cable.join(near, dial(port, "127.0.0.1")));
        done(cable);
      });
    });
  }

  pull(): void {
    this.pulled = true;
    for (const socket of this.sockets) socket.destroy();
  }

  plug(): void {
    this.pulled = false;
  }

  close(): void {
    this.pull();
    this.server.close();
  }

  private join(near: Socket, far: Socket): void {
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(one);
      one.on("error", () => undefined);
      one.on("close", () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
    if (this.pulled) {
      near.destroy();
      far.destroy();
      return;
    }
    near.pipe(far);
    far.pipe(near);
  }
}
