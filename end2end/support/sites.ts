// A site of somebody else: it serves one empty page and remembers what it is sent.
import { once } from "node:events";
import { type IncomingHttpHeaders, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export class Site {
  readonly received: Received[] = [];

  private constructor(private readonly server: Server) {
    server.on("request", async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method = "", url: path = "", headers } = request;
      this.received.push({ method, path, headers, body: Buffer.concat(chunks) });
      response.setHeader("content-type", "text/html");
      response.end("<!DOCTYPE html><title>Elsewhere</title><link rel=icon href=data:,>");
    });
    // A WebSocket that is asked for is remembered and closed.
    server.on("upgrade", (request, socket) => {
      this.received.push({ method: "UPGRADE", path: request.url ?? "", headers: request.headers, body: Buffer.alloc(0) });
      socket.destroy();
    });
  }

  static async start(): Promise<Site> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Site(server);
  }

  /** Its address under a name, which must resolve to this machine. */
  url(host = "127.0.0.1"): string {
    return `http://${host}:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}
