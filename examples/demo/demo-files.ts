// What the demo puts into its directory under the temporary one: a folder for each host with its
// configuration, and what the service scripts need to know. All of it is removed in the end.
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the checkout: printed commands are typed there. */
export const checkout = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** The demo's hosts, highest elector first. */
export const hostNames: readonly string[] = ['a', 'b', 'c'];

/** Where the demo's things are. */
export interface DemoFiles {
  readonly directory: string;
  /** For koi-admin: names the electors and nothing else. */
  readonly adminFile: string;
  /** An elector's address by its host's name. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Where the web service answers. */
  readonly webPort: number;
}

/** Makes the directory with everything in it. Whoever calls removes it. */
export async function makeDemoFiles(): Promise<DemoFiles> {
  const [webPort = 0, ...ports] = await freePorts(hostNames.length + 1);
  const directory = mkdtempSync(join(tmpdir(), 'koi-demo-'));
  const addresses = new Map(hostNames.map((name, index) => [name, `127.0.0.1:${ports[index]}`]));
  const list = electorList(basename(directory), addresses);
  const adminFile = join(directory, 'koi.yaml');
  writeFileSync(adminFile, list);
  for (const name of hostNames) {
    const host = join(directory, name);
    mkdirSync(join(host, 'elector'), { recursive: true });
    cpSync(join(checkout, 'examples/demo/services'), join(host, 'services'), { recursive: true });
    writeFileSync(join(host, 'koi.yaml'), hostFile(host, name, list));
    writeFileSync(join(host, 'settings'), settings(host, webPort));
  }
  return { directory, adminFile, addresses, webPort };
}

/** What is the same in every host's file. The cluster's name is the demo's own, see kill-host. */
function electorList(cluster: string, addresses: ReadonlyMap<string, string>): string {
  const lines = [...addresses].map(([name, address], index) => {
    return `  - { name: ${name}, address: "${address}", priority: ${addresses.size - index} }`;
  });
  return `cluster: ${cluster}\nelectors:\n${lines.join('\n')}\n`;
}

/** One host's configuration. Real hosts need `cluster` and `electors` alone: the rest has defaults. */
function hostFile(host: string, name: string, list: string): string {
  return `# Host ${name} of the demo. Paths are its own because all hosts share one machine here.
name: ${name}
${list}elector:
  stateDirectory: ${host}/elector
  socket: ${host}/elector.sock
runner:
  servicesDirectory: ${host}/services
  workingDirectory: ${host}/services
  stateDirectory: ${host}/run
  socket: ${host}/runner.sock
# The protocol's times are the defaults; these are short so that the demo has no pauses.
timing: { status: 2s, initialPromotion: 2s }
recovery: { delay: 5s }
`;
}

/** What the service scripts read. A runner passes nothing of its own environment on to scripts. */
function settings(host: string, webPort: number): string {
  const variables: readonly (readonly [string, string])[] = [
    ['run', join(host, 'run')],
    ['node', process.execPath],
    ['web', join(checkout, 'examples/demo/web-service.ts')],
    ['port', String(webPort)],
  ];
  return variables.map(([name, value]) => `${name}='${value.replaceAll("'", "'\\''")}'\n`).join('');
}

/** Loopback ports that were free just now; held together, so that no two are alike. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.once('listening', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
