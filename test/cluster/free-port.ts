// Ports nobody uses, so that clusters beside each other do not meet.
import { createServer, type Server } from 'node:net';

/** Loopback ports that were free just now. They are held together, so no two are alike. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen({ port: 0 })));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map(close));
  return ports;
}

/** Starts a server on a free loopback port (0) or on a Unix socket. */
export function listen(where: { port: number } | { path: string }): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    const listening = () => resolve(server);
    if ('port' in where) server.listen(where.port, '127.0.0.1', listening);
    else server.listen(where.path, listening);
  });
}

/** Stops listening. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
